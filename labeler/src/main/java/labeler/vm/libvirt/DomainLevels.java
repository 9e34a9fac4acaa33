package labeler.vm.libvirt;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

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
