package labeler.domain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.leftover.LibvirtFiles;
import labeler.leftover.LibvirtStates;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.problem.IoReason;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.RunningDomain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what libvirt keeps about its domains on disk. libvirt itself is not asked: it may hang, or be away. */
record DomainReader(LibvirtFiles files, LibvirtStates states, Processes processes, Definitions definitions) {
    private static final Logger LOG = LoggerFactory.getLogger(DomainReader.class);

    @Inject
    DomainReader {}

    /** The state of a domain. */
    sealed interface State {}

    /**
     * It runs, with these files.
     *
     * @param text the whole state, for comparing
     */
    record Runs(VmDefinition live, String text) implements State {}

    /** libvirt keeps no state of it: it does not run, or is just being started. */
    record Absent() implements State {}

    /** Its state cannot be read now. */
    record Unreadable(String reason) implements State {}

    /** The domain as it runs. */
    State state(VmName name) {
        return switch (states.state(name)) {
            // Who owns the directory can lead a name to the state of another domain.
            case LibvirtStates.Text text
            when RunningDomain.name(text.raw())
                    .filter(other -> !other.equals(name.value()))
                    .isPresent() -> new Unreadable("it is not of domain " + name);
            case LibvirtStates.Text text ->
                new Runs(definitions.liveDomainXml(text.raw(), persistent(name)), text.bytes());
            case LibvirtStates.None() -> withoutState(name);
            case LibvirtStates.Unknown(String reason) -> new Unreadable(reason);
        };
    }

    /** The chains of its images as libvirt itself has them, each layer as if it were declared. */
    VmDefinition account(Runs seen) {
        return definitions.domainXml(new LibvirtStates.Text(seen.text()).raw());
    }

    /** Whether its state is still the one that was read. */
    boolean isStill(VmName name, Runs seen) {
        return states.state(name).equals(new LibvirtStates.Text(seen.text()));
    }

    /** A pid file may be of a process that has ended: a daemon that is killed leaves it. */
    private State withoutState(VmName name) {
        Optional<Pid> process = states.process(name);
        if (process.isEmpty()) {
            return new Absent();
        }
        try {
            return processes.identify(process.get()).isPresent() ? new Unreadable("it is just started") : new Absent();
        } catch (LinuxException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    private Optional<byte[]> persistent(VmName name) {
        try {
            return files.definition(name);
        } catch (IOException e) {
            LOG.warn("VM {}: cannot tell which files its definition declares: {}", name, IoReason.of(e));
            return Optional.empty();
        }
    }

    /** The domain as it is defined; of one that is not, nothing is known. */
    VmDefinition defined(VmName name) {
        return persistent(name)
                .map(definitions::domainXml)
                .orElseGet(() -> new VmDefinition(
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.HARDWARE,
                        List.of(),
                        LabelWishes.NONE));
    }
}
