#include "dashboard_api/lineage.hpp"

#include <algorithm>
#include <map>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/subject.hpp"
#include "dashboard_api/routes.hpp"

namespace quicklime::dashboard_api {
namespace {

using Standing = ca::Status::Kind;

Instant good_until(const Certificate& certificate) {
  if (certificate.status.kind != Standing::revoked || !certificate.status.since) return certificate.not_after;
  return std::min(certificate.not_after, *certificate.status.since);
}

bool is_good(const Certificate& certificate, Instant now) {
  return certificate.status.kind == Standing::good && certificate.not_before <= now && certificate.not_after >= now;
}

Lane::State state_of(const std::vector<Certificate>& certificates, Instant now) {
  const Certificate* last = nullptr;
  for (const auto& certificate : certificates) {
    if (is_good(certificate, now) && (last == nullptr || certificate.not_after > last->not_after)) last = &certificate;
  }
  if (last == nullptr) return Lane::State::ended;
  return needs_successor(*last) && renewal_due(*last) <= now ? Lane::State::overdue : Lane::State::covered;
}

void add_span(std::vector<Span>& spans, Instant from, Instant until) {
  if (from >= until) return;
  if (!spans.empty() && from <= spans.back().until) {
    spans.back().until = std::max(spans.back().until, until);
  } else {
    spans.push_back({from, until});
  }
}

void find_gaps_and_overlaps(Lane& lane, Instant now) {
  std::vector<Span> lives;
  for (const auto& certificate : lane.certificates) {
    if (certificate.not_before < good_until(certificate)) lives.push_back({certificate.not_before, good_until(certificate)});
  }
  std::sort(lives.begin(), lives.end(), [](const Span& left, const Span& right) { return left.from < right.from; });
  if (lives.empty()) return;
  Instant covered = lives.front().until;
  for (std::size_t i = 1; i < lives.size(); ++i) {
    add_span(lane.gaps, covered, std::min(lives[i].from, now));
    add_span(lane.overlaps, lives[i].from, std::min(covered, lives[i].until));
    covered = std::max(covered, lives[i].until);
  }
  add_span(lane.gaps, covered, now);
}

class Lineages {
 public:
  explicit Lineages(const api::ServiceContext& context) : context_(context) {}

  async::Task<Answer> show(Call& call) {
    auto question = question_of(call);
    if (!question) co_return forward(question);
    const std::string service = question->values[Field::service];
    const Instant now = context_.clock.now();
    const auto page = co_await list(context_.view, *question, now);
    if (!page) co_return forward(page);
    if (page->certificates.empty() && !page->next && question->cursor.empty()) {
      co_return fail(ErrorCode::not_found, "lineage-unknown",
                     "no certificate of that service is known here; a certificate has the service that its request names (--service)",
                     "service");
    }
    auto response = http::Response::json(200, lineage_json(service, lanes_of(page->certificates, now), *page, now));
    api::set_position(response, page->meta.anchor.position);
    co_return response;
  }

 private:
  static Result<Question> question_of(const Call& call) {
    http::Request asked = call.request;
    if (auto known = api::only_parameters(asked, {"node", "limit", "cursor"}); !known) return forward(known);
    asked.query["service"] = call.request.parameters.at("service");
    asked.query.try_emplace("limit", "500");
    return read_question(asked, call.who());
  }

  api::ServiceContext context_;
};

}  // namespace

std::vector<Lane> lanes_of(const std::vector<Certificate>& certificates, Instant now) {
  std::map<std::string, std::vector<Certificate>> by_node;
  for (const auto& certificate : certificates) by_node[certificate.node.value_or("")].push_back(certificate);
  std::vector<Lane> lanes;
  for (auto& [node, of_node] : by_node) {
    Lane lane{state_of(of_node, now), node, std::move(of_node)};
    find_gaps_and_overlaps(lane, now);
    lanes.push_back(std::move(lane));
  }
  return lanes;
}

std::vector<api::Route> lineage_routes(const api::ServiceContext& context) {
  auto made = std::make_shared<Lineages>(context);
  return {{http::Method::get, "/v1/lineages/{service}", people(), [made](Call& call) { return made->show(call); }}};
}

}  // namespace quicklime::dashboard_api
