#!/usr/bin/env bash
# A Kafka cluster on this machine, from published artifacts: KRaft, loopback, small heaps. For tests and for trying out.
#   scripts/kafka.sh fetch                                  Apache Kafka into the cache, once (43 MB)
#   scripts/kafka.sh start DIR [--brokers 1|3] [--port P] [--secured]
#                                                           makes the cluster in DIR, or starts again what is not running
#                                                           of the one that is there; prints its bootstrap servers
#   scripts/kafka.sh stop DIR                               ends its brokers and keeps their data
# DIR holds bootstrap (the servers), and for each broker N: broker-N.pid, broker-N.log, broker-N.properties, broker-N/.
# --secured: each listens on a third port, for TLS and a password (SASL PLAIN): DIR/secured/ holds its bootstrap, root.pem and password
# (of the user quicklime).
# Without --port free ports are taken. Needs java, kcat, and mvn to fetch.
set -euo pipefail

version=4.2.0
libraries=${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/kafka-$version

say() { echo "kafka: $*" >&2; }
give_up() {
  say "$*"
  exit 1
}

fetch() {
  [ -e "$libraries/complete" ] && return
  command -v mvn >/dev/null || give_up "mvn is missing: scripts/install-deps.sh --test"
  say "fetching Apache Kafka $version"
  mkdir -p "$libraries"
  exec 9>"$libraries/lock"
  flock 9
  [ -e "$libraries/complete" ] && return
  local project attempt
  project=$(mktemp -d)
  cat >"$project/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quicklime</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  # Maven writes to standard output, colours and progress among it; whoever called reads bootstrap servers there.
  for attempt in 1 2 3; do
    (cd "$project" && mvn -q -B --no-transfer-progress -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory="$libraries") >&2 && break
    [ "$attempt" -lt 3 ] || give_up "Maven could not fetch Kafka"
    sleep 5
  done
  rm -rf "$project"
  touch "$libraries/complete"
}

# That many ports that nobody listens on, below those that the kernel gives to clients.
free_ports() {
  local wanted=$1 port
  for port in $(shuf -i 15000-29999 -n 1000); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    echo "$port"
    wanted=$((wanted - 1))
    [ "$wanted" -gt 0 ] || return 0
  done
}

running() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && grep -qs kafka.Kafka "/proc/$pid/cmdline"
}

# A certificate for 127.0.0.1 that is its own root, and a password.
make_secrets() {
  local directory=$1
  mkdir -p "$directory"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=broker -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$directory/key.pem" -out "$directory/root.pem" 2>/dev/null
  cat "$directory/key.pem" "$directory/root.pem" >"$directory/broker.pem"
  openssl rand -hex 16 >"$directory/password"
}

# What makes one broker listen on that port for TLS and a password.
secured_properties() {
  local secrets=$1
  cat <<PROPERTIES
listener.name.secured.ssl.keystore.type=PEM
listener.name.secured.ssl.keystore.location=$secrets/broker.pem
listener.name.secured.sasl.enabled.mechanisms=PLAIN
listener.name.secured.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_quicklime="$(cat "$secrets/password")";
PROPERTIES
}

configure() {
  local directory=$1 brokers=$2 port=$3 secured=$4 n replicas=1 cluster servers=() voters=() ports=() tls_ports=() tls_servers=()
  if [ -n "$port" ]; then
    mapfile -t ports < <(seq "$port" $((port + 3 * brokers - 1)))
  else
    mapfile -t ports < <(free_ports $((3 * brokers)))
  fi
  tls_ports=("${ports[@]:2 * brokers}")
  [ "$brokers" -ge 3 ] && replicas=3
  [ -z "$secured" ] || make_secrets "$directory/secured"
  for ((n = 1; n <= brokers; ++n)); do
    servers+=("127.0.0.1:${ports[2 * n - 2]}")
    voters+=("$n@127.0.0.1:${ports[2 * n - 1]}")
  done
  mkdir -p "$directory"
  cluster=$(java -cp "$libraries/*" kafka.tools.StorageTool random-uuid)
  for ((n = 1; n <= brokers; ++n)); do
    cat >"$directory/broker-$n.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$(IFS=,; echo "${voters[*]}")
listeners=PLAINTEXT://127.0.0.1:${ports[2 * n - 2]},CONTROLLER://127.0.0.1:${ports[2 * n - 1]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[2 * n - 2]}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL
log.dirs=$directory/broker-$n
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=$replicas
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
PROPERTIES
    if [ -n "$secured" ]; then
      sed -i -E "/^(advertised\.)?listeners=/s/$/,SECURED:\/\/127.0.0.1:${tls_ports[n - 1]}/" "$directory/broker-$n.properties"
      secured_properties "$directory/secured" >>"$directory/broker-$n.properties"
      tls_servers+=("127.0.0.1:${tls_ports[n - 1]}")
    fi
    java -cp "$libraries/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn kafka.tools.StorageTool \
      format -t "$cluster" -c "$directory/broker-$n.properties" >/dev/null
  done
  [ -z "$secured" ] || (IFS=,; echo "${tls_servers[*]}") >"$directory/secured/bootstrap"
  (IFS=,; echo "${servers[*]}") >"$directory/bootstrap"
}

start() {
  local directory=$1 brokers=1 port='' secured='' properties name
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --brokers) brokers=$2; shift ;;
      --port) port=$2; shift ;;
      --secured) secured=yes ;;
      *) give_up "what is $1?" ;;
    esac
    shift
  done
  fetch
  command -v kcat >/dev/null || give_up "kcat is missing: scripts/install-deps.sh --test"
  mkdir -p "$directory"
  directory=$(realpath "$directory")
  if [ ! -e "$directory/bootstrap" ]; then
    if [ -z "$port" ]; then # until the brokers listen: who chooses ports next finds these taken
      exec 8>"$libraries/ports.lock"
      flock 8
    fi
    configure "$directory" "$brokers" "$port" "$secured"
  fi
  for properties in "$directory"/broker-*.properties; do
    name=${properties%.properties}
    running "$name.pid" && continue
    setsid java -Xms128m -Xmx512m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libraries/*" \
      kafka.Kafka "$properties" >>"$name.log" 2>&1 </dev/null 8>&- 9>&- &
    echo $! >"$name.pid"
  done
  wait_for_brokers "$directory"
  cat "$directory/bootstrap"
}

# Until each of them answers for itself and knows all of them.
wait_for_brokers() {
  local directory=$1 server answered expected deadline=$((SECONDS + 180))
  expected=$(tr ',' '\n' <"$directory/bootstrap" | wc -l)
  while read -r server; do
    until answered=$(kcat -L -m 5 -b "$server" 2>/dev/null | grep -cE '^  broker [0-9]+ at '); [ "$answered" -eq "$expected" ]; do
      [ $SECONDS -lt $deadline ] || give_up "$server does not answer; see $directory/broker-*.log"
      sleep 0.2
    done
  done < <(tr ',' '\n' <"$directory/bootstrap")
}

stop() {
  local directory=$1 file pids=() pid deadline=$((SECONDS + 15))
  for file in "$directory"/broker-*.pid; do
    running "$file" || continue
    pid=$(cat "$file")
    pids+=("$pid")
    kill -CONT "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do
    while kill -0 "$pid" 2>/dev/null; do
      [ $SECONDS -lt $deadline ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.1
    done
  done
  rm -f "$directory"/broker-*.pid
}

case ${1:-} in
  fetch) fetch ;;
  start) [ $# -ge 2 ] || give_up "start DIR"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || give_up "stop DIR"; stop "$2" ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
