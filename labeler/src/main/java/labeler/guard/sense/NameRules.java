package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.reference.AllowedRoots;

/**
 * The rules about a name alone.
 *
 * @param places where a command may name files
 * @param sockets the VM's runtime directory, where its sockets are
 * @param hasRoots whether files elsewhere are refused; the settings can allow them
 */
public record NameRules(Places places, HostPath sockets, boolean hasRoots) {
    /** Where names lead to what other names mean, or to the kernel. */
    private static final List<String> SPECIAL = List.of("/proc", "/sys", "/dev/fd", "/dev/fdset", "/dev/stdin");

    private static final List<String> NETWORKS = List.of("tcp:", "rdma:", "vsock:");

    private static final HostPath DEVICES = HostPath.of("/dev");

    /**
     * For a picture of the screen, or a look into the guest's memory, libvirt makes such a file and names it: in the domain's
     * directory, or in its cache as earlier versions did ({@code qemuDomainScreenshot} in {@code qemu_driver.c}).
     */
    private static final Pattern LIBVIRTS_OWN = Pattern.compile(
            "/var/(?:cache/libvirt/qemu|lib/libvirt/qemu/domain-[^/]+)/qemu\\.(?:screendump|mem)\\.[^/]+");

    /** Bytes: {@code PATH_MAX} has the NUL at the end as well. */
    private static final int LONGEST = 4095;

    /** A protocol by qemu's {@code path_has_protocol}: up to the first colon, if no slash is before it. */
    private static final Pattern PROTOCOL = Pattern.compile("^[^/]*:.*", Pattern.DOTALL);

    /**
     * Where a VM has files.
     *
     * @param roots directories with all that is below
     * @param directories those of many owners or purposes, such as {@code /root}: only the files in them, and none below
     */
    public record Places(List<HostPath> roots, List<HostPath> directories) {
        public Places {
            roots = List.copyOf(roots);
            directories = List.copyOf(directories);
        }

        /**
         * The places of a VM.
         *
         * @param images the directories of its images
         * @param configured roots of the settings, however wide they are
         */
        public static Places of(List<HostPath> images, List<HostPath> configured) {
            return new Places(
                    Stream.concat(images.stream().filter(AllowedRoots::mayBeRoot), configured.stream())
                            .distinct()
                            .toList(),
                    images.stream()
                            .filter(directory -> !AllowedRoots.mayBeRoot(directory))
                            .distinct()
                            .toList());
        }

        boolean has(String name) {
            return roots.stream().anyMatch(root -> isBelow(root, name))
                    || directories.stream().anyMatch(directory -> isIn(directory, name));
        }

        private static boolean isIn(HostPath directory, String name) {
            return isBelow(directory, name)
                    && name.lastIndexOf('/') <= Math.max(text(directory).length(), 1);
        }

        /** Some of them, for a message. */
        private String words() {
            return Stream.concat(
                            roots.stream().limit(1).map(root -> "below " + root),
                            directories.stream().limit(1).map(directory -> "in " + directory + " itself"))
                    .findFirst()
                    .map(place -> place + " or ")
                    .orElse("");
        }
    }

    /** The result of reading a name. */
    public sealed interface Name {}

    public record Good(HostPath path) implements Name {}

    public record Bad(Objection objection) implements Name {}

    /** The same rules, without roots. */
    NameRules anywhere() {
        return new NameRules(places, sockets, false);
    }

    /** A name that qemu takes literally. */
    public Name file(String name) {
        Optional<Objection> objection = objection(name);
        if (objection.isPresent()) {
            return new Bad(objection.get());
        }
        HostPath path = path(name);
        if (hasRoots && !places.has(name) && !isLibvirtsOwn(name)) {
            return bad(
                    Rule.N4,
                    path.printable() + " is in no directory of this VM's files; name one " + places.words()
                            + "below guard.roots, or add its directory there");
        }
        return new Good(path);
    }

    /** A name in qemu's older way, where a prefix can be a protocol. */
    public Name legacy(String name) {
        if (PROTOCOL.matcher(name).matches()) {
            return bad(
                    Rule.N3,
                    "the name " + printable(name) + " begins with a protocol; give a path alone, or add the node with"
                            + " blockdev-add, where each part is named");
        }
        return file(name);
    }

    /** The place of a Unix socket. */
    public Name socket(String name) {
        Optional<Objection> objection = objection(name);
        if (objection.isPresent()) {
            return new Bad(objection.get());
        }
        return isBelow(sockets, name)
                ? new Good(path(name))
                : bad(
                        Rule.N5,
                        "the socket " + printable(name) + " is not in this VM's runtime directory; put it below "
                                + sockets);
    }

    /** Whether the address of a migration is one of the network, which is not judged. */
    static boolean isOfNetwork(String address) {
        return NETWORKS.stream().anyMatch(address::startsWith);
    }

    private static Optional<Objection> objection(String name) {
        if (name.isEmpty() || name.indexOf(0) >= 0 || name.charAt(0) != '/') {
            return Optional.of(
                    new Objection(Rule.N1, "the name " + printable(name) + " is not absolute; name it in full"));
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            return Optional.of(new Objection(
                    Rule.N1,
                    "a name of " + name.length() + " characters is longer than " + LONGEST
                            + " bytes; move the file to a shorter one"));
        }
        List<String> parts = List.of(name.split("/"));
        if (parts.contains("..")) {
            return Optional.of(
                    new Objection(Rule.N1, "the name " + printable(name) + " has .. in it; name the file directly"));
        }
        String plain = parts.stream()
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .collect(Collectors.joining("/", "/", ""));
        if (SPECIAL.stream().anyMatch(place -> plain.equals(place) || plain.startsWith(place + "/"))) {
            return Optional.of(new Objection(
                    Rule.N2, "the name " + printable(name) + " leads to the kernel or to a descriptor; name the file"));
        }
        return Optional.empty();
    }

    private static boolean isLibvirtsOwn(String name) {
        return LIBVIRTS_OWN.matcher(name).matches();
    }

    /**
     * Whether a file without links in its name is the system's own, and in none of the VM's directories. Devices are judged
     * by their names.
     */
    boolean isOfSystem(HostPath real) {
        String name = real.utf8().orElse("");
        return AllowedRoots.system().stream()
                        .filter(directory -> !directory.equals(DEVICES))
                        .anyMatch(directory -> isBelow(directory, name))
                && !places.has(name)
                && !isLibvirtsOwn(name);
    }

    /**
     * The same for a file that a client has opened itself, and so with its own rights: a dump or a saved VM may lie where it
     * may put one.
     */
    boolean isOpenedOfSystem(HostPath real) {
        String name = real.utf8().orElse("");
        return isOfSystem(real) && AllowedRoots.outputs().stream().noneMatch(directory -> isBelow(directory, name));
    }

    private static boolean isBelow(HostPath directory, String name) {
        String prefix = text(directory);
        return name.startsWith(prefix.endsWith("/") ? prefix : prefix + "/");
    }

    private static String text(HostPath path) {
        return new String(path.bytes(), StandardCharsets.UTF_8);
    }

    private static Bad bad(Rule rule, String message) {
        return new Bad(new Objection(rule, message));
    }

    private static HostPath path(String name) {
        return HostPath.of(name);
    }

    /** A client's text on one line. */
    static String printable(String text) {
        return HostPath.parse(text.getBytes(StandardCharsets.UTF_8))
                .map(HostPath::printable)
                .orElseGet(() -> text.isEmpty() ? "''" : "with a NUL");
    }
}
