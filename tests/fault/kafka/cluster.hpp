#pragma once
// Three brokers that scripts/kafka.sh has started, and what befalls them.

#include <string>

#include "eventlog/kafka_log.hpp"

namespace quicklime::fault {

class Cluster {
 public:
  Cluster();   // the one that CTest's fixture has started
  ~Cluster();  // every broker runs again

  const std::string& bootstrap_servers() const { return servers_; }
  int leader(const std::string& topic) const;  // number of the broker, 1 to 3
  void kill(int broker) const;                 // as if the machine had died
  void freeze(int broker) const;
  void thaw(int broker) const;
  void revive() const;  // starts what is dead, and waits until all of them answer

 private:
  int process(int broker) const;
  std::string directory_;
  std::string servers_;
};

}  // namespace quicklime::fault
