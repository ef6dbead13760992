#include "cluster.hpp"

#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "eventlog/kafka_client.hpp"

namespace quicklime::fault {

Cluster::Cluster() {
  const char* directory = std::getenv("QUICKLIME_KAFKA_CLUSTER");
  if (directory != nullptr) directory_ = directory;
  std::ifstream file(directory_ + "/bootstrap");
  if (!std::getline(file, servers_)) {
    throw std::runtime_error("no cluster: scripts/kafka.sh start DIR --brokers 3, and QUICKLIME_KAFKA_CLUSTER=DIR; ctest does both");
  }
}

Cluster::~Cluster() {
  for (const int broker : {1, 2, 3}) ::kill(process(broker), SIGCONT);
  if (std::system(("'" QUICKLIME_SOURCE_DIR "/scripts/kafka.sh' start '" + directory_ + "' >/dev/null").c_str()) != 0) std::abort();
}

int Cluster::process(int broker) const {
  std::ifstream file(directory_ + "/broker-" + std::to_string(broker) + ".pid");
  int process = 0;
  if (!(file >> process) || process <= 1) throw std::runtime_error("no process of broker " + std::to_string(broker));
  return process;
}

int Cluster::leader(const std::string& topic) const {
  eventlog::KafkaLogOptions options;
  options.bootstrap_servers = servers_;
  const auto handle = eventlog::kafka::make_handle(eventlog::kafka::Use::ask, options);
  if (!handle) throw std::runtime_error(handle.error().detail);
  const eventlog::kafka::Topic asked(rd_kafka_topic_new(handle->get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle->get(), 0, asked.get(), &metadata, 10'000) != 0) throw std::runtime_error("no metadata");
  const int leader = metadata->topics[0].partitions[0].leader;
  rd_kafka_metadata_destroy(metadata);
  return leader;
}

void Cluster::kill(int broker) const { ::kill(process(broker), SIGKILL); }
void Cluster::freeze(int broker) const { ::kill(process(broker), SIGSTOP); }
void Cluster::thaw(int broker) const { ::kill(process(broker), SIGCONT); }

void Cluster::revive() const {
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until the dead are gone
  if (std::system(("'" QUICKLIME_SOURCE_DIR "/scripts/kafka.sh' start '" + directory_ + "' >/dev/null").c_str()) != 0) {
    throw std::runtime_error("a broker does not start again");
  }
}

}  // namespace quicklime::fault
