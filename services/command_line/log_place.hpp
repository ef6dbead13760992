#pragma once
// Where the log of a data directory stands, as the command line says it.

#include "installation/moving.hpp"

namespace quicklime::command_line {

// In the topic that its quicklime.toml names (--log kafka), with the daemons that share it there, or in its log.db.
enum class LogIn : bool { file, kafka };
installation::LogPlace log_place(installation::DataDirectory directory, LogIn where);

}  // namespace quicklime::command_line
