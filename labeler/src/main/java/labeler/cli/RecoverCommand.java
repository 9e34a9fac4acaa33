package labeler.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.Report.Recovered;
import labeler.api.Report.Stopped;
import labeler.arguments.PathConverter;
import labeler.lifecycle.FileReport;
import labeler.linux.HostPath;
import labeler.view.VmText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "recover",
        description = {
            "Finishes or takes back what a crash left half done, and gives back labels that no VM holds.",
            "With --scan it does not do that. It looks through directories for files whose category pair nobody holds: no"
                    + " process, no record of labeler's, no domain with a definition. It shows them; with --apply a VM's"
                    + " image among them gets the label that the policy gives new files in its directory. Links are"
                    + " not followed and other file systems not entered."
        },
        exitCodeList = {
            "0:nothing is left half done; of a scan: nothing is found, or all that is has been mended",
            "1:a label could not be given back; of a scan: a directory could not be looked through, or, without"
                    + " --apply, files are to be mended",
            "2:usage",
            "5:no service, or not permitted"
        })
final class RecoverCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @ArgGroup(exclusive = true)
    private Choice choice = new Choice();

    /** A recovery and a scan exclude each other. */
    static final class Choice {
        @ArgGroup(exclusive = false)
        private Recovery recovery = new Recovery();

        @ArgGroup(exclusive = false)
        private @Nullable Scan scan;
    }

    /** The options of a recovery. */
    static final class Recovery {
        @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
        private boolean dryRun;

        @Option(
                names = "--forget-lost",
                description = "Take files off the record that cannot be found, whatever label they may carry.")
        private boolean forgetLost;

        @Option(
                names = "--lost-tables",
                description = "Give all of a tree whose table of labels is missing or damaged the label that its root"
                        + " had, in place of what each file had.")
        private boolean lostTables;
    }

    /** The options of a scan. */
    static final class Scan {
        @Option(
                names = "--scan",
                required = true,
                arity = "1..*",
                paramLabel = "DIR",
                converter = PathConverter.class,
                description = "Look through these directories for labels with a pair that nobody holds.")
        private List<HostPath> directories = List.of();

        @Option(
                names = "--apply",
                description = "With --scan: give what is found the label that the policy has for it.")
        private boolean apply;

        @Option(
                names = "--after",
                paramLabel = "PATH",
                converter = PathConverter.class,
                description = "With --scan: go on after this file, where an earlier scan came to.")
        private @Nullable HostPath after;
    }

    @Override
    public Integer call() {
        Scan scan = choice.scan;
        if (scan == null) {
            return recover(choice.recovery);
        }
        HostPath here = host().workingDirectory();
        return new ScanParts(surroundings(), service, scan.apply)
                .run(
                        scan.directories.stream().map(path -> path.from(here)).toList(),
                        Optional.ofNullable(scan.after).map(path -> path.from(here)));
    }

    private int recover(Recovery recovery) {
        String path = "/v1/recover?dryRun=" + recovery.dryRun + "&forgetLost=" + recovery.forgetLost + "&lostTables="
                + recovery.lostTables;
        return service.post(surroundings(), path)
                .show(
                        Recovered.class,
                        recovered -> print(recovered, recovery.dryRun ? "would be ended" : "ended"),
                        RecoverCommand::exitCode);
    }

    private void print(Recovered recovered, String what) {
        VmText text = new VmText(terminal());
        for (Stopped vm : recovered.vms()) {
            terminal().print(vm.report().vm() + ": " + what);
            text.report(vm.report());
        }
        if (!recovered.stale().isEmpty()) {
            terminal().print("files that no VM holds:");
            text.files(recovered.stale());
        } else if (recovered.vms().isEmpty()) {
            terminal().print("nothing to recover");
        }
    }

    private static int exitCode(Recovered recovered) {
        return recovered.stale().stream().anyMatch(FileReport::isFailure)
                        || recovered.vms().stream().anyMatch(vm -> vm.report().isFailure())
                ? ExitCode.FAILED
                : ExitCode.DONE;
    }
}
