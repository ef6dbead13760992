// The whole inventory in one answer, made page by page while it is sent: neither side holds more than a page.
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/subject.hpp"
#include "dashboard_api/csv.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/routes.hpp"
#include "dashboard_api/service_json.hpp"
#include "pki/crl.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::size_t kExportPage = 200;
constexpr std::size_t kExaminedByExport = 1'000;  // for one piece of it

using Line = std::string (*)(const Certificate& certificate, Instant now);

struct Format {
  std::string_view name;
  const char* media_type;
  const char* file_name;
  std::string (*head)();
  Line line;
};

std::string no_head() { return {}; }

std::string csv_head() {
  return csv_record({"serial", "names", "status", "expired", "reason", "revoked_at", "replaced_by", "profile", "authority", "service",
                     "node", "requester", "not_before", "not_after", "issued_at", "key_sha256", "key"});
}

std::string csv_line(const Certificate& certificate, Instant now) {
  std::string names;
  for (const auto& name : certificate.names) names += (names.empty() ? "" : " ") + name;
  const ca::Status& status = certificate.status;
  const bool good = status.kind == ca::Status::Kind::good;
  return csv_record({certificate.serial.hex(), names, std::string(status_group(status.kind)), certificate.not_after < now ? "yes" : "no",
                     good ? "" : std::string(pki::name(status.reason)), status.since ? status.since->rfc3339_seconds() : "",
                     certificate.replaced_by ? certificate.replaced_by->hex() : "", certificate.profile, certificate.authority.text(),
                     certificate.service.value_or(""), certificate.node.value_or(""), ca::requester_text(certificate.requester),
                     certificate.not_before.rfc3339_seconds(), certificate.not_after.rfc3339_seconds(), certificate.issued_at.rfc3339(),
                     certificate.key_sha256, certificate.key});
}

constexpr Format kFormats[] = {{"csv", "text/csv; charset=utf-8", "certificates.csv", csv_head, csv_line},
                               {"ndjson", "application/x-ndjson", "certificates.ndjson", no_head, certificate_line}};

Result<const Format*> format_of(const http::Request& request) {
  const auto found = request.query.find("format");
  if (found == request.query.end()) return &kFormats[0];
  for (const Format& format : kFormats) {
    if (format.name == found->second) return &format;
  }
  return fail(ErrorCode::invalid, "format-unknown", "format is csv, or ndjson (one JSON object a line)", "format");
}

class CertificateStream final : public http::BodyStream {
 public:
  CertificateStream(views::View& view, const Format& format, Question question, Page first, Instant now)
      : view_(view), format_(format), question_(std::move(question)), page_(std::move(first)), now_(now) {}

  async::Task<Result<std::optional<std::string>>> next() override {
    std::string piece = std::exchange(begun_, true) ? std::string() : format_.head();
    // A page may be empty and have a next one: few certificates match.
    while (piece.empty() || page_) {
      if (!page_) {
        if (question_.cursor.empty()) co_return std::nullopt;
        auto page = co_await list(view_, question_, now_);
        if (!page) co_return forward(page);
        page_ = *std::move(page);
      }
      for (const auto& certificate : page_->certificates) piece += format_.line(certificate, now_);
      question_.cursor = page_->next.value_or("");
      page_.reset();
    }
    co_return piece;
  }

 private:
  views::View& view_;
  const Format& format_;
  Question question_;
  std::optional<Page> page_;
  const Instant now_;
  bool begun_ = false;
};

class Export {
 public:
  explicit Export(const api::ServiceContext& context) : context_(context) {}

  // The first page is looked up before anything is said, so that a view that cannot be read is a problem like any other.
  async::Task<Answer> send(Call& call) {
    const auto format = format_of(call.request);
    if (!format) co_return forward(format);
    auto question = read_question_of_all(call.request, call.who());
    if (!question) co_return forward(question);
    question->limit = kExportPage;
    question->examine = kExaminedByExport;
    Instant now = context_.clock.now();
    if (question->as_of) {
      auto moment = co_await resolve(*question->as_of, context_);
      if (!moment) co_return forward(moment);
      question->as_of = *std::move(moment);
      now = question->as_of->time;
    }
    auto first = co_await list(context_.view, *question, now);
    if (!first) co_return forward(first);
    http::Response response;
    response.headers.add("Content-Type", (*format)->media_type);
    response.headers.add("Content-Disposition", std::string("attachment; filename=\"") + (*format)->file_name + '"');
    response.headers.add("Cache-Control", "no-store");
    api::set_position(response, first->meta.anchor.position);
    response.stream = std::make_shared<CertificateStream>(context_.view, **format, *std::move(question), *std::move(first), now);
    co_return response;
  }

 private:
  api::ServiceContext context_;
};

}  // namespace

std::vector<api::Route> export_routes(const api::ServiceContext& context) {
  auto made = std::make_shared<Export>(context);
  return {{http::Method::get, "/v1/certificates/export", people(), [made](Call& call) { return made->send(call); }}};
}

}  // namespace quicklime::dashboard_api
