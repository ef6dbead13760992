#pragma once
// Who stands under whom, without the certificates: which authority may go on with what another has issued.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ca/authority.hpp"

namespace quicklime::ca {

class Lineage {
 public:
  struct Place {
    std::optional<AuthorityId> parent;
    std::optional<AuthorityId> succeeds;  // of a root: the one that it takes the place of
  };
  explicit Lineage(const std::vector<Authority>& all);
  // Of the value of authorities_key(): for whoever folds, who needs no certificate parsed.
  static Lineage decode(const std::optional<std::string>& value);

  // Whether a certificate of `predecessor` may be renewed by `successor`: itself, another authority of the same root, or one of a root that
  // succeeds that root, over any number of steps. A root that only stands beside it is another CA.
  bool continues(const AuthorityId& successor, const AuthorityId& predecessor) const;

 private:
  explicit Lineage(std::map<AuthorityId, Place> places) : places_(std::move(places)) {}
  std::optional<AuthorityId> root_of(const AuthorityId& authority) const;
  const Place* find(const AuthorityId& authority) const;

  std::map<AuthorityId, Place> places_;
};

}  // namespace quicklime::ca
