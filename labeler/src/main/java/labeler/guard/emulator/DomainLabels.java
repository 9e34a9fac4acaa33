package labeler.guard.emulator;

import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import labeler.config.GuardConfig;
import labeler.vm.StartedBy;
import labeler.vm.VmName;

/**
 * Who labels the files that a domain of libvirt's takes while it runs. Two would fight over them at each job: where
 * libvirt does, the guard judges and records, and changes no label.
 */
public final class DomainLabels {
    private final Optional<GuardConfig.Labels> set;
    private final Map<VmName, GuardConfig.Labels> seen = new ConcurrentHashMap<>();

    @Inject
    public DomainLabels(GuardConfig config) {
        this.set = config.labels();
    }

    /** libvirt has made the XML of a domain that starts, which says whether it labels its files. */
    public void starts(StartingDomain domain) {
        known(domain.name(), domain.isLabelledByLibvirt());
    }

    /** An earlier service knew it from the XML. */
    public void known(VmName name, boolean isLabelledByLibvirt) {
        seen.put(name, isLabelledByLibvirt ? GuardConfig.Labels.LIBVIRT : GuardConfig.Labels.LABELER);
    }

    /**
     * Who labels what a domain takes by libvirt's own doing. Where libvirt labels it is libvirt, whatever is set: it asks
     * nobody. Where it does not, nobody may if the settings say so.
     */
    public GuardConfig.Labels ofFollowed(StartedBy who) {
        return who.labels() ? GuardConfig.Labels.LIBVIRT : set.orElse(GuardConfig.Labels.LABELER);
    }

    /** The domain has ended. */
    public void ends(VmName name) {
        seen.remove(name);
    }

    /** By the settings, or else by the domain's XML; labeler's own for a VM that is none of libvirt's. */
    public GuardConfig.Labels of(VmName name) {
        return Optional.ofNullable(seen.get(name))
                .map(found -> set.orElse(found))
                .orElse(GuardConfig.Labels.LABELER);
    }
}
