#include "runtime/known_settings.hpp"

#include <iterator>

#include "runtime/backend_settings.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {

std::vector<settings::Rows> known_settings(std::vector<settings::Rows> of_roles) {
  std::vector<settings::Rows> all{process_rows(), shared_rows()};
  all.insert(all.end(), std::make_move_iterator(of_roles.begin()), std::make_move_iterator(of_roles.end()));
  all.push_back(kafka_rows());
  all.push_back(redis_rows());
  return all;
}

}  // namespace quicklime::runtime
