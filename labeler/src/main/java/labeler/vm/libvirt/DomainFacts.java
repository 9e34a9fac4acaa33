package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.NameTable;

/**
 * The facts in one of libvirt's own files that matter to all other domains. The file is a definition, or the state of a
 * running domain. Nothing else in it need be understood.
 *
 * @param files the files and devices that it names by their place
 * @param volumes the volumes of storage pools that it names: libvirt writes no place beside them
 * @param levels the pairs of its labels, static and present ones
 */
public record DomainFacts(Set<HostPath> files, Set<Volume> volumes, Set<Level> levels) {
    /** Elements whose text is a file's name. */
    private static final Set<String> NAMES = NameTable.of("kernel initrd shim dtb loader nvram table");

    /**
     * A volume of a storage pool.
     *
     * @param isDirect whether qemu itself reaches the pool's server, instead of a device of this host
     */
    public record Volume(String pool, String name, boolean isDirect) {}

    public DomainFacts {
        files = Set.copyOf(files);
        volumes = Set.copyOf(volumes);
        levels = Set.copyOf(levels);
    }

    /** Empty if it is no XML of libvirt's. */
    public static Optional<DomainFacts> parse(byte[] xml) {
        return switch (XmlReader.read(xml)) {
            case XmlReader.NotXml _ -> Optional.empty();
            case XmlReader.Read(XmlElement root) -> Optional.of(of(root));
        };
    }

    /** The pairs of the labels in one element, at any place. */
    static Set<Level> levels(XmlElement root) {
        return of(root).levels();
    }

    private static DomainFacts of(XmlElement root) {
        Set<HostPath> files = new HashSet<>();
        Set<Volume> volumes = new HashSet<>();
        Set<Level> levels = new HashSet<>();
        Deque<XmlElement> pending = new ArrayDeque<>();
        pending.push(root);
        while (!pending.isEmpty()) {
            XmlElement element = pending.pop();
            element.children().forEach(pending::push);
            names(element).flatMap(name -> path(name).stream()).forEach(files::add);
            if (element.name().equals("source")) {
                volume(element).ifPresent(volumes::add);
            } else if (element.name().equals("label")) {
                SecurityContext.parse(element.text().strip())
                        .ifPresent(context -> levels.addAll(Level.within(context.level())));
            }
        }
        return new DomainFacts(files, volumes, levels);
    }

    /** The names of files in this element, without those below it. */
    private static Stream<String> names(XmlElement element) {
        return switch (element.name()) {
            case "source" -> Stream.of("@file", "@dev").flatMap(name -> element.value(name).stream());
            case "entry", "rom" -> element.value("@file").stream();
            default -> NAMES.contains(element.name()) ? Stream.of(element.text().strip()) : Stream.empty();
        };
    }

    private static Optional<HostPath> path(String name) {
        return name.startsWith("/") ? HostPath.parse(name.getBytes(StandardCharsets.UTF_8)) : Optional.empty();
    }

    private static Optional<Volume> volume(XmlElement source) {
        return source.value("@pool")
                .flatMap(pool ->
                        source.value("@volume").map(name -> new Volume(pool, name, source.has("mode", "direct"))));
    }

    /**
     * The levels that a definition of libvirt's keeps for its domain, whether that runs or not.
     *
     * @param domain its name
     * @param own of the domain's process, by its static label
     * @param named at any place, also for one device
     */
    public record DomainLevels(String domain, Set<Level> own, Set<Level> named) {
        public DomainLevels {
            own = Set.copyOf(own);
            named = Set.copyOf(named);
        }

        /** Empty if it is no definition of a domain. */
        public static Optional<DomainLevels> parse(byte[] xml) {
            return XmlReader.read(xml) instanceof XmlReader.Read(XmlElement root)
                            && root.name().equals("domain")
                    ? root.value("name").map(name -> new DomainLevels(name, own(root), DomainFacts.levels(root)))
                    : Optional.empty();
        }

        private static Set<Level> own(XmlElement root) {
            Set<Level> levels = new HashSet<>();
            root.all("seclabel").stream()
                    .filter(OwnLabels::isOfSelinux)
                    .flatMap(seclabel -> seclabel.value("label").stream())
                    .flatMap(text -> SecurityContext.parse(text.strip()).stream())
                    .forEach(context -> levels.addAll(Level.within(context.level())));
            return levels;
        }

        /** Whether it keeps the level for its process; any two of the categories that it names are its own. */
        public boolean keeps(Level level) {
            return own.stream().anyMatch(kept -> kept.pair().equals(level.pair()));
        }
    }
}
