package labeler.survey;

import java.util.Optional;
import labeler.linux.Pid;
import labeler.problem.QuotedText;

/**
 * A VM, for people and scripts.
 *
 * @param name as its command line or libvirt has it; empty for a qemu without one
 * @param pid of its process; empty for one that does not run
 */
public record VmIdentity(Optional<String> name, Optional<Pid> pid) {
    /** In words: {@code web1 (process 4711)}. */
    public String text() {
        String process = pid.map(number -> "process " + number).orElse("not running");
        return name.map(called -> QuotedText.of(called) + " (" + process + ")").orElse(process);
    }
}
