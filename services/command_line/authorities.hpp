#pragma once
// Authorities as a person changes them: where their keys are, and what is signed with the key at hand.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ca/authority.hpp"
#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "crypto/key.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::command_line {

// Of the process that holds the data directory, in the order in which they were added.
Result<std::vector<AuthoritySummary>> authorities_here(Remote& remote);
// "authority-unknown".
Result<AuthoritySummary> authority_named(const std::vector<AuthoritySummary>& all, const std::string& id);
// The newest root that is neither retired nor ended; else "authority-unknown".
Result<AuthoritySummary> newest_root(const std::vector<AuthoritySummary>& all);
// The newest that may issue now, whose key is here, and that goes on with what this one has issued; empty: none.
std::string successor_of(const std::vector<AuthoritySummary>& all, const std::string& id);

// ca/root.key of the first root, ca/<id>.key of any other. "authority-key-missing" says how to name another file.
Result<std::filesystem::path> key_file_of(const installation::DataDirectory& directory, const std::string& id);

struct ToAdd {
  std::string id, parent, succeeds;  // empty: none
  pki::Certificate certificate;
};
// POST /control/authorities.
Result<void> add_authority(Remote& remote, const ToAdd& what);

// A further issuing authority below the parent, by the parent's key: its key is written before it is added, and removed when it was not.
struct Making {
  ca::FurtherAuthority what;
  crypto::KeyKind key_kind = crypto::KeyKind::p256;
  std::filesystem::path key_out;
  std::string succeeds{};  // of a root
};
Result<pki::Certificate> make_below(Remote& remote, const Making& making, const AuthoritySummary& parent,
                                    const crypto::PrivateKey& parent_key);
// The same of a root, which is signed by itself.
Result<pki::Certificate> make_root(Remote& remote, const Making& making, const Secret& passphrase);

// Asks for what is to be signed, signs it, publishes it.
Result<PublishedCrl> sign_next_crl(Remote& remote, const std::string& authority, const crypto::PrivateKey& key);

}  // namespace quicklime::command_line
