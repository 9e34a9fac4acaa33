package labeler.cluster.setup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The rights of the service's unit beside its own: it may reach the members of the registry, and nobody else. */
final class UnitDropIn {
    private final Path file;

    UnitDropIn(Path directory) {
        this.file = directory.resolve("cluster.conf");
    }

    Path file() {
        return file;
    }

    /**
     * Writes it.
     *
     * @throws IOException also if the name of a member has no address
     */
    void put(List<URI> endpoints) throws IOException {
        Set<String> addresses = new TreeSet<>();
        for (URI endpoint : endpoints) {
            addresses.addAll(addresses(endpoint.getHost()));
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, text(addresses), StandardCharsets.UTF_8);
    }

    private static Set<String> addresses(String host) throws IOException {
        Set<String> addresses = new TreeSet<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                addresses.add(address.getHostAddress());
            }
        } catch (UnknownHostException e) {
            throw new IOException(
                    "the name " + host + " of a member has no address here; mend that, or name an address");
        }
        return addresses;
    }

    /** Names of members are looked up once, here: the unit knows addresses alone. */
    static String text(Set<String> addresses) {
        StringBuilder text = new StringBuilder("""
                # Made by labeler cluster join, and removed by labeler cluster leave. The registry's members, and nobody else.
                [Service]
                PrivateNetwork=no
                RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
                """);
        addresses.forEach(
                address -> text.append("IPAddressAllow=").append(address).append('\n'));
        return text.toString();
    }

    boolean remove() throws IOException {
        return Files.deleteIfExists(file);
    }
}
