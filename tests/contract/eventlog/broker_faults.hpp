#pragma once
// Faults between this process and a broker: its connections lead through a proxy that knows Kafka's frames well enough to
// hold back what is written, or the acknowledgements of it. Everything else passes at once.

#include "base/instant.hpp"

namespace broker_faults {

// Connections to this port of 127.0.0.1 that are made from now on.
void lead_through(int port);

void hold_writes(bool hold);                 // produce requests wait here
void lose_next_acknowledgement();            // the broker has written, and nobody is told: its connection says nothing more
void cut(quicklime::Milliseconds duration);  // no broker: connections end, new ones are refused

}  // namespace broker_faults
