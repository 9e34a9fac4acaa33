package labeler.lifecycle;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.External;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.launch.Allowance;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import labeler.vm.qemu.handover.RewriteResult;

/**
 * A VM, planned or held, as people and scripts see it and as the JSON has it.
 *
 * @param pid of its process; empty if nobody told
 * @param walls that the kernel enforces around its process; none with {@link Enforcement#OPTIONAL} only
 * @param runtimeDirectory the directory in which qemu may make sockets; only for a VM that {@code labeler run} started
 * @param guard whether all that it is told comes through the guard
 * @param monitor the guarded socket; empty without a guard
 * @param landlock the accesses that {@code labeler run} has to allow by Landlock; empty if it need not
 * @param rewritten the command line that qemu gets if files are handed over; for a plan, and for the answer to a run
 * @param since when its process began; empty if no process is known
 * @param otherHostsAsked when other hosts were asked last what they hold; empty for a VM with files of its own host alone, and
 *     until they have answered
 */
public record VmView(
        VmName vm,
        VmState state,
        Optional<Pid> pid,
        Level level,
        SecurityContext processContext,
        SecurityContext imageContext,
        Set<Wall> walls,
        Optional<Path> runtimeDirectory,
        GuardState guard,
        Optional<Path> monitor,
        List<FileView> files,
        List<External> external,
        List<Problem> problems,
        List<Problem> warnings,
        @LeftOut List<Allowance> landlock,
        @LeftOut @Inlined Optional<RewriteResult.Rewritten> rewritten,
        @LeftOut Optional<Instant> since,
        @LeftOut Optional<Instant> otherHostsAsked) {
    /** The same with more problems. */
    public VmView withProblems(List<Problem> more) {
        return new VmView(
                vm,
                state,
                pid,
                level,
                processContext,
                imageContext,
                walls,
                runtimeDirectory,
                guard,
                monitor,
                files,
                external,
                Stream.concat(problems.stream(), more.stream()).toList(),
                warnings,
                landlock,
                rewritten,
                since,
                otherHostsAsked);
    }

    public VmView {
        walls = Set.copyOf(walls);
        files = List.copyOf(files);
        external = List.copyOf(external);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
        landlock = List.copyOf(landlock);
    }
}
