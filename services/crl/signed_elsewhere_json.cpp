#include <nlohmann/json.hpp>

#include "ca/crl_publication.hpp"
#include "crl/signed_elsewhere.hpp"

namespace quicklime::crl {

std::string published_json(const AuthorityId& authority, const Publication& publication, std::size_t revoked, bool complete,
                           Position position) {
  return nlohmann::ordered_json{{"authority", authority.text()},
                                {"number", ca::crl_number_text(publication.number)},
                                {"this_update", publication.this_update.rfc3339_seconds()},
                                {"next_update", publication.next_update.rfc3339_seconds()},
                                {"revoked", revoked},
                                {"complete", complete},
                                {"position", position.text()}}
      .dump();
}

}  // namespace quicklime::crl
