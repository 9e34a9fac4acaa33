package labeler.cluster.setup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rights of the service's unit beside its own: it may reach the members of the registry, and this host's name servers if a
 * member is given by name, and nobody else.
 */
final class UnitDropIn {
    private static final String NAME_SERVER = "nameserver";

    private final Path file;
    private final Path resolver;

    /**
     * In the directory of the unit's drop-ins.
     *
     * @param resolver this host's resolv.conf(5)
     */
    UnitDropIn(Path directory, Path resolver) {
        this.file = directory.resolve("cluster.conf");
        this.resolver = resolver;
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
        boolean isNamed = false;
        for (URI endpoint : endpoints) {
            addresses.addAll(addresses(endpoint.getHost()));
            isNamed |= literal(endpoint.getHost()).isEmpty();
        }
        if (isNamed) {
            addresses.addAll(nameServers());
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

    /** The service asks them whenever it connects. A host may have none: its names are in a file then, or asked for locally. */
    private Set<String> nameServers() throws IOException {
        if (!Files.exists(resolver)) {
            return Set.of();
        }
        Set<String> addresses = new TreeSet<>();
        for (String line : Files.readAllLines(resolver, StandardCharsets.UTF_8)) {
            List<String> words = List.of(line.strip().split("\\s+"));
            if (words.size() > 1 && words.getFirst().equals(NAME_SERVER)) {
                // Without the interface of a link-local address, which systemd does not take.
                literal(words.get(1).replaceFirst("%.*", "")).ifPresent(addresses::add);
            }
        }
        return addresses;
    }

    /** An address as systemd reads it; empty if it is none. */
    private static Optional<String> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text).getHostAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Names of members are looked up once, here: the unit knows addresses alone. */
    static String text(Set<String> addresses) {
        StringBuilder text = new StringBuilder("""
                # Made by labeler cluster join, and removed by labeler cluster leave. The members of the registry, the name servers
                # of this host if a member is given by name, and nobody else.
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
