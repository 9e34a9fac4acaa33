package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * The result for a VM's files after a stop, a relabel, a verification or a recovery.
 *
 * @param problems that are not about a file: a process at another context, a journal that could not be written
 * @param stillRunning the VM's process if it outlives the stop; until it ends nobody else may have its files or pair
 */
public record VmReport(VmName name, List<FileReport> files, List<Problem> problems, Optional<Pid> stillRunning) {
    public VmReport {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    /** The report about a VM whose files were not looked at. */
    public static VmReport of(VmName name, Problem problem) {
        return new VmReport(name, List.of(), List.of(problem), Optional.empty());
    }

    /** Adds the results for other files; a reverted file that is already here is not repeated. */
    public VmReport joinedBy(List<FileReport> others) {
        Set<HostPath> known = files.stream().map(FileReport::path).collect(Collectors.toSet());
        Stream<FileReport> more = others.stream()
                .filter(file -> file.outcome() != FileReport.Outcome.REVERTED || !known.contains(file.path()));
        return new VmReport(name, Stream.concat(files.stream(), more).toList(), problems, stillRunning);
    }

    /** Adds problems that are not about a label. */
    public VmReport with(List<Problem> more) {
        return more.isEmpty()
                ? this
                : new VmReport(
                        name,
                        files,
                        Stream.concat(problems.stream(), more.stream()).toList(),
                        stillRunning);
    }

    /** The number of files with this outcome. */
    public long count(FileReport.Outcome outcome) {
        return files.stream().filter(file -> file.outcome() == outcome).count();
    }
}
