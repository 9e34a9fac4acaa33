package labeler.survey;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import labeler.linux.HostPath;

/**
 * One thing that is unsafe.
 *
 * @param file that it is about; empty for one of a process or the host
 * @param vms that it concerns
 * @param harm what can happen: one sentence, one line
 * @param remedy what to do: one line; file names in commands are quoted for a shell
 */
public record Flaw(
        FlawKind kind, Severity severity, Optional<HostPath> file, List<VmIdentity> vms, String harm, String remedy) {
    /** The worst first. */
    static final Comparator<Flaw> WORST_FIRST = Comparator.comparing(Flaw::severity)
            .thenComparing(Flaw::kind)
            .thenComparing(flaw -> flaw.file().map(HostPath::printable).orElse(""))
            .thenComparing(Flaw::names);

    public Flaw {
        vms = List.copyOf(vms);
    }

    /** Its VMs in words. */
    public String names() {
        return vms.stream().map(VmIdentity::text).collect(Collectors.joining(", "));
    }
}
