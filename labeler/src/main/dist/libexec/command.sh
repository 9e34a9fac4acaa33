# shellcheck shell=sh
# shellcheck disable=SC2154  # home, java, native and share come from the script that sources this, and from java.sh
# Sourced by bin/labeler and libexec/launch: the JVM of the command line, with the script's own arguments.

# Serial collector, first compiler tier, no performance-data file: a command lives for a tenth of a second.
# -Xlog: the JVM's own warnings belong on stderr, since stdout may be JSON.
# --sun-misc-unsafe-memory-access: a plan without the service loads Guice, whose library the JVM would warn of. Unlike the
# options in the manifest this one leaves the JVM its archived module graph.
# useNativeAccessorOnly: the JDK would make code for each constructor of a record that is called a few times.
# SelectorProvider: the JDK's own, by name. Otherwise it opens every jar to see whether one brings another.
# Dump*MappingsInCore: the JVM would widen what a core dump of this process has, and qemu keeps that over the exec: its dump
# would have a guest's memory. They are diagnostic options.
# shellcheck disable=SC2086  # options, to be split
exec "$java" \
	-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xms16m -Xmx96m -Xss1m \
	-Xshare:auto ${share:+"$share"} -Xlog:disable -Xlog:all=error,cds=off:stderr \
	-Djdk.reflect.useNativeAccessorOnly=true -Djna.nounpack=true -Djna.boot.library.path="$native" \
	-Dorg.sqlite.lib.path="$native" --sun-misc-unsafe-memory-access=allow -Dguice_bytecode_gen_option=DISABLED \
	-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider -Dlabeler.home="$home" \
	-XX:+UnlockDiagnosticVMOptions -XX:-DumpPrivateMappingsInCore -XX:-DumpSharedMappingsInCore \
	${LABELER_JAVA_OPTIONS:-} \
	-jar "$home/lib/labeler-@VERSION@.jar" "$@"
