package labeler.chain.name;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.FileName;

/**
 * A disk behind a network and nothing else. A driver for network disks may also connect to a socket of this host, take
 * a device of it, or have its library read and write files; a name or an option that can do so is of this host.
 */
public final class NetworkDisk {
    /** The address of a server; lists are numbered, which does not count here. */
    private static final String SERVER = " server.host server.port server.type server.to server.numeric server.ipv4"
            + " server.ipv6 server.keep-alive server.mptcp server.name";

    private static final String WEB = "url readahead sslverify timeout username password-secret proxy-username"
            + " proxy-password-secret cookie cookie-secret force-range";

    /** Options that a node of any driver may have. */
    private static final Set<String> COMMON = words("driver node-name read-only auto-read-only force-share"
            + " detect-zeroes discard cache.direct cache.no-flush cache.writeback");

    /** By their driver, the options (BlockdevOptions in the QAPI of qemu 10.0) that lead to no file of this host. */
    private static final Map<String, Set<String>> OPTIONS = Map.ofEntries(
            Map.entry(
                    "nbd",
                    words("host port export tls-creds tls-hostname reconnect-delay open-timeout x-dirty-bitmap"
                            + SERVER)),
            Map.entry(
                    "rbd",
                    words("pool namespace image snapshot user auth-client-required key-secret password-secret"
                            + " encrypt.format encrypt.key-secret encrypt.parent.format encrypt.parent.key-secret"
                            + SERVER)),
            Map.entry("gluster", words("volume path debug" + SERVER)),
            Map.entry(
                    "ssh",
                    words("host port path user host_key_check host-key-check host-key-check.mode host-key-check.type"
                            + " host-key-check.hash" + SERVER)),
            Map.entry("nfs", words("path user group tcp-syn-count readahead-size page-cache-size debug" + SERVER)),
            Map.entry(
                    "iscsi",
                    words("portal target lun user password-secret initiator-name transport header-digest timeout")),
            Map.entry("http", words(WEB)),
            Map.entry("https", words(WEB)),
            Map.entry("ftp", words(WEB)),
            Map.entry("ftps", words(WEB)),
            Map.entry("null-co", words("size latency-ns read-zeroes")),
            Map.entry("null-aio", words("size latency-ns read-zeroes")));

    /** Kinds of a server's address that are no socket or descriptor of this host. */
    private static final Set<String> NETWORK_ADDRESSES = Set.of("inet", "tcp");

    private static final Set<String> LOCAL_PROTOCOLS = Set.of("nvme", "nbd+unix", "gluster+unix");

    private static final Pattern NUMBERS = Pattern.compile("\\.[0-9]+(?=\\.|$)");

    private NetworkDisk() {}

    private static Set<String> words(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Whether a name leads to a network alone.
     *
     * @param protocol before its first colon, one of {@link ReferenceName#REMOTE_PROTOCOLS}
     */
    static boolean isName(String protocol, FileName name) {
        return !LOCAL_PROTOCOLS.contains(protocol)
                && !name.startsWith("nbd:unix:")
                && !name.printable().contains("socket=")
                && (!protocol.equals("rbd")
                        || RbdName.of(name).settings().stream().allMatch(RbdName::namesNoFile));
    }

    /** Whether a node of this driver is behind a network, so far as this option says. */
    public static boolean isOption(String driver, String key, String value) {
        String plain = NUMBERS.matcher(key).replaceAll("");
        if (BlockOptions.WHOLE_NAMES.contains(key)) {
            return ReferenceName.classify(FileName.of(value)) instanceof ReferenceName.Protocol named
                    && !named.reachesThisHost();
        }
        return plain.equals("server.type")
                ? NETWORK_ADDRESSES.contains(value)
                : Stream.of(COMMON, OPTIONS.getOrDefault(driver, Set.of())).anyMatch(known -> known.contains(plain));
    }
}
