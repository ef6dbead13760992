#include "ca/lineage.hpp"

namespace quicklime::ca {

Lineage::Lineage(const std::vector<Authority>& all) {
  for (const Authority& authority : all) places_.insert_or_assign(authority.id, Place{authority.parent, authority.succeeds});
}

const Lineage::Place* Lineage::find(const AuthorityId& authority) const {
  const auto found = places_.find(authority);
  return found == places_.end() ? nullptr : &found->second;
}

// Steps are bounded by the number of authorities, so that a cycle in a foreign log cannot hold a process.
std::optional<AuthorityId> Lineage::root_of(const AuthorityId& authority) const {
  AuthorityId next = authority;
  for (std::size_t left = places_.size(); left > 0; --left) {
    const Place* place = find(next);
    if (place == nullptr) return std::nullopt;
    if (!place->parent) return next;
    next = *place->parent;
  }
  return std::nullopt;
}

bool Lineage::continues(const AuthorityId& successor, const AuthorityId& predecessor) const {
  if (successor == predecessor) return true;
  const auto old_root = root_of(predecessor);
  auto root = root_of(successor);
  if (!old_root) return false;
  for (std::size_t left = places_.size(); root && left > 0; --left) {
    if (*root == *old_root) return true;
    const Place* place = find(*root);
    root = place == nullptr ? std::nullopt : place->succeeds;
  }
  return false;
}

}  // namespace quicklime::ca
