package labeler.domain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.leftover.LibvirtFiles;
import labeler.problem.IoReason;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what libvirt keeps about its domains on disk. libvirt itself is not asked: it may hang, or be away. */
public final class DomainReader {
    private static final Logger LOG = LoggerFactory.getLogger(DomainReader.class);

    private final LibvirtFiles files;
    private final Definitions definitions;

    @Inject
    DomainReader(LibvirtFiles files, Definitions definitions) {
        this.files = files;
        this.definitions = definitions;
    }

    /** The state of a domain. */
    sealed interface State {}

    /** It runs, with these files. */
    record Runs(VmDefinition live) implements State {}

    /** libvirt keeps no state of it: it does not run, or is just being started. */
    record Absent() implements State {}

    /** Its state cannot be read now. */
    record Unreadable(String reason) implements State {}

    /** The domain as it runs. */
    State state(VmName name) {
        try {
            return files.state(name)
                    .<State>map(xml -> new Runs(definitions.liveDomainXml(xml, persistent(name))))
                    .orElseGet(() ->
                            files.process(name).isPresent() ? new Unreadable("it is just started") : new Absent());
        } catch (IOException e) {
            return new Unreadable(IoReason.of(e));
        }
    }

    private Optional<byte[]> persistent(VmName name) {
        try {
            return files.definition(name);
        } catch (IOException e) {
            LOG.warn("VM {}: what its definition declares is not known: {}", name, IoReason.of(e));
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
