#include "crl/published.hpp"

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "ca/crl_publication.hpp"
#include "crypto/hash.hpp"

namespace quicklime::crl {
namespace {

constexpr std::size_t kPage = 2000;

Result<std::shared_ptr<const Published>> served(const AuthorityId& scope, std::shared_ptr<const Published> crl) {
  if (!crl->der.empty()) return crl;
  return fail(ErrorCode::unavailable, "crl-entries-differ",
              "the entries of CRL " + ca::crl_number_text(crl->number) + " of " + scope.text() +
                  " in this view are not those that were signed: compare `quicklime log verify`, then `quicklime views rebuild`");
}

}  // namespace

async::Task<Result<std::string>> render_entries(views::View& view, AuthorityId authority, Publication crl, views::Complete complete) {
  std::string entries;
  std::optional<SerialNumber> last;
  views::Scan page{.space = kEntrySpace, .prefix = authority.text() + '/', .limit = kPage};
  for (;;) {
    const auto read = co_await view.scan(page, complete);
    if (!read) co_return forward(read);
    for (const auto& key : read->keys) {
      const auto entry = Entry::parse(key);
      if (!entry) co_return forward(entry);
      // An entry that ended between two pages may be met a second time, under the key that says so.
      if (!entry->stands_in(crl) || last == entry->serial) continue;
      pki::append_crl_entry(entries, entry->serial, entry->date_in(crl), entry->reason);
      last = entry->serial;
    }
    if (read->keys.size() < kPage) co_return entries;
    page.from = read->keys.back() + '\0';
    co_await async::yield();
  }
}

std::map<AuthorityId, std::shared_ptr<const Published>> PublishedCrls::newest() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

async::Task<Result<std::shared_ptr<const Published>>> PublishedCrls::current(AuthorityId scope, Publication publication) {
  {
    const std::lock_guard lock(mutex_);
    const auto kept = kept_.find(scope);
    if (kept != kept_.end() && kept->second->number == publication.number) co_return served(scope, kept->second);
  }
  const auto entries = co_await render_entries(view_, scope, publication, views::Complete::once);
  if (!entries) co_return forward(entries);

  Published crl{publication.number, publication.this_update, publication.next_update, {}, {}};
  if (hex_encode(crypto::view(crypto::sha256(*entries))) == publication.entries_sha256) {
    crl.der.reserve(publication.before.size() + entries->size() + publication.after.size());
    crl.der.append(publication.before).append(*entries).append(publication.after);
    crl.etag = '"' + hex_encode(crypto::view(crypto::sha256(crl.der)).substr(0, 16)) + '"';
  } else {
    log::error("CRL entries in the view differ from those that were signed",
               {{"scope", scope.text()}, {"number", ca::crl_number_text(crl.number)}});
  }
  auto made = std::make_shared<const Published>(std::move(crl));
  const std::lock_guard lock(mutex_);
  auto [kept, added] = kept_.try_emplace(std::move(scope), made);
  if (kept->second->number < made->number) kept->second = made;
  co_return served(kept->first, std::move(made));
}

}  // namespace quicklime::crl
