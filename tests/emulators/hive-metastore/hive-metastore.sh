#!/usr/bin/env bash
# A real Hive metastore 4.0.1 on this machine, its database (Derby) in a folder. Needs Java 17 or 21; `install` needs Maven.
#   hive-metastore.sh install          fetches 120 MB from Maven Central into the cache
#   hive-metastore.sh run FOLDER PORT  serves on loopback until it is stopped
set -euo pipefail
jars="${XDG_CACHE_HOME:-$HOME/.cache}/lake-tools/hive-metastore-4.0.1"

case "${1:-}" in
  install)
    [ -e "$jars/complete" ] && exit 0
    mvn -q -B -f "$(dirname "$0")/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DexcludeArtifactIds=hadoop-common,hadoop-auth,hadoop-annotations -DoutputDirectory="$jars"
    touch "$jars/complete"
    ;;
  run)
    [ -e "$jars/complete" ] || { echo "hive-metastore: run '$0 install' first" >&2; exit 1; }
    folder=$(cd "$2" && pwd) port=$3
    property() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }
    {
      echo '<configuration>'
      property metastore.warehouse.dir "file://$folder/warehouse"
      property javax.jdo.option.ConnectionURL "jdbc:derby:;databaseName=$folder/database;create=true"
      property javax.jdo.option.ConnectionDriverName org.apache.derby.jdbc.EmbeddedDriver
      # Tables of its own database as it needs them, instead of the schema tool's scripts.
      property datanucleus.schema.autoCreateAll true
      property metastore.schema.verification false
      property metastore.thrift.bind.host 127.0.0.1
      property metastore.stats.autogather false
      property metastore.housekeeping.threads.on false
      property metastore.task.threads.always ''
      property metastore.task.threads.remote ''
      echo '</configuration>'
    } >"$folder/metastore-site.xml"
    cd "$folder"
    opens=()
    for package in lang net nio util util.concurrent util.regex; do opens+=(--add-opens "java.base/java.$package=ALL-UNNAMED"); done
    exec java -Xmx400m "${opens[@]}" "-Dderby.stream.error.file=$folder/derby.log" -cp "$folder:$jars/*" \
      org.apache.hadoop.hive.metastore.HiveMetaStore -p "$port"
    ;;
  *)
    sed -n 2,4p "$0" >&2
    exit 2
    ;;
esac
