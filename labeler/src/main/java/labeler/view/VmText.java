package labeler.view;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.api.BriefVm;
import labeler.api.DomainsReport;
import labeler.api.OpenFiles;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.explain.FileReasons;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.registry.HostName;
import labeler.view.Terminal.Style;
import labeler.vm.VmName;

/** VMs and reports for people. */
public final class VmText {
    private static final String NOTHING_ENFORCED = "labels are written but nothing enforces them";

    /** Hosts that are named on a line; JSON has all. */
    private static final int MOST_HOSTS = 10;

    private final Terminal terminal;
    private final InstantSource clock;

    public VmText(Terminal terminal) {
        this(terminal, InstantSource.system());
    }

    /** @param clock from which the age of a VM is told */
    VmText(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    /** All VMs, one a line. Only this line is kept of each VM. */
    public final class Table {
        private final List<List<String>> rows = new ArrayList<>();
        private int bare;

        public void add(BriefVm vm) {
            if (rows.isEmpty()) {
                rows.add(List.of("VM", "STATE", "PID", "LEVEL", "WALLS", "FILES", "AGE"));
            }
            if (vm.walls().isEmpty()) {
                bare++;
            }
            rows.add(List.of(
                    Terminal.safe(vm.vm().value()),
                    vm.state().word(),
                    vm.pid().map(String::valueOf).orElse("-"),
                    vm.level().toString(),
                    walls(vm.walls(), ",", "NONE"),
                    String.valueOf(vm.fileCount()),
                    vm.since().map(VmText.this::age).orElse("-")));
        }

        public void print() {
            if (rows.isEmpty()) {
                terminal.print("no VMs");
                return;
            }
            VmText.this.print(rows);
            if (bare > 0) {
                warn(bare + " of these VMs: " + NOTHING_ENFORCED);
            }
        }
    }

    private void print(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns - 1; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - width(row.get(i)) + 2);
            }
            terminal.print(line.append(row.getLast()).toString());
        }
    }

    /** The time from then to now, in its largest unit and the next: {@code 3d4h}. */
    private String age(Instant since) {
        return age(Duration.between(since, clock.instant()));
    }

    static String age(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() + "d" + age.toHoursPart() + "h";
        }
        if (age.toHours() > 0) {
            return age.toHours() + "h" + age.toMinutesPart() + "m";
        }
        return age.toMinutes() > 0
                ? age.toMinutes() + "m" + age.toSecondsPart() + "s"
                : Math.max(0, age.toSeconds()) + "s";
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    private static String walls(Set<Wall> walls, String between, String none) {
        return walls.isEmpty() ? none : walls.stream().sorted().map(Wall::word).collect(Collectors.joining(between));
    }

    /** Prints one VM with its files. */
    public void vm(VmView vm) {
        terminal.print(terminal.styled(Style.BOLD, Terminal.safe(vm.vm().value())) + "  "
                + vm.state().word() + vm.pid().map(pid -> ", pid " + pid).orElse("")
                + vm.since().map(since -> ", up " + age(since)).orElse("") + ", level " + vm.level());
        terminal.print("  process  " + vm.processContext());
        terminal.print("  images   " + vm.imageContext());
        terminal.print("  walls    " + walls(vm.walls(), ", ", "none"));
        vm.runtimeDirectory().ifPresent(directory -> terminal.print("  sockets  " + HostPath.of(directory)));
        vm.monitor()
                .ifPresent(socket -> terminal.print("  monitor  " + HostPath.of(socket) + " (guard: "
                        + vm.guard().word() + ")"));
        vm.otherHostsAsked()
                .ifPresent(asked -> terminal.print("  cluster  other hosts were asked " + age(asked) + " ago"));
        for (int i = 0; i < vm.files().size(); i++) {
            file(vm.files().get(i), i == vm.files().size() - 1);
        }
        vm.external().forEach(external -> terminal.print("  not a file: " + Terminal.safe(external.reference())));
        // That is the problem itself, if it keeps the VM from starting.
        if (vm.walls().isEmpty()
                && vm.problems().stream().noneMatch(problem -> problem.kind() == Problem.Kind.NO_WALL)) {
            warn(vm.state() == VmState.PLANNED ? "nothing would enforce these labels" : NOTHING_ENFORCED);
        }
        problems("warning", vm.warnings());
        problems("problem", vm.problems());
    }

    private void file(FileView file, boolean last) {
        String indent = "  " + (last ? "   " : "│  ") + "  ";
        terminal.print("  " + (last ? "└─ " : "├─ ") + file.path());
        terminal.print(indent
                + file.treatment().word()
                + file.context().map(label -> " " + label).orElse("")
                + file.originalContext().map(label -> " (was " + label + ")").orElse(""));
        if (!file.reason().isEmpty()) {
            terminal.print(indent + terminal.styled(Style.DIM, Terminal.safe(file.reason())));
        }
        if (!file.otherHosts().isEmpty()) {
            terminal.print(indent + alsoHeldBy(file.otherHosts()));
        }
        file.disk().ifPresent(disk -> terminal.print(indent + "joined with disk " + Terminal.safe(disk)));
        for (FileUse use : file.uses()) {
            terminal.print(indent + use.role().word() + ", " + use.access().word() + ": "
                    + Terminal.safe(use.origin().text()));
        }
    }

    /** The hosts that hold a file beside this one: a base may be held by all hosts of a cluster. */
    static String alsoHeldBy(List<HostName> hosts) {
        return "also held by "
                + hosts.stream().limit(MOST_HOSTS).map(HostName::value).collect(Collectors.joining(", "))
                + (hosts.size() > MOST_HOSTS ? " and " + (hosts.size() - MOST_HOSTS) + " more hosts" : "");
    }

    /** Prints why a file is in the set of a VM. */
    public void reasons(FileReasons reasons) {
        terminal.print(reasons.path() + ": " + reasons.treatment().word()
                + reasons.context().map(label -> " " + label).orElse("")
                + (reasons.reason().isEmpty() ? "" : " (" + Terminal.safe(reasons.reason()) + ")"));
        for (FileReasons.Step step : reasons.because()) {
            terminal.print("  ".repeat(step.depth() + 1) + step.file() + ": "
                    + step.role().word() + ", " + step.access().word() + ", by " + Terminal.safe(step.by()));
        }
        terminal.print("  libvirt by itself " + reasons.libvirt());
    }

    /** Prints what a start of each of libvirt's domains would meet. */
    public void domains(DomainsReport report) {
        if (report.domains().isEmpty()) {
            terminal.print("libvirt has no domains");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("DOMAIN", "START", "FILES", "WHY"));
        for (DomainsReport.Planned domain : report.domains()) {
            rows.add(List.of(
                    Terminal.safe(domain.domain().value()),
                    domain.accepted() ? "accepted" : "refused",
                    String.valueOf(domain.files()),
                    domain.problems().stream().findFirst().map(VmText::problem).orElse("")));
            domain.problems().stream().skip(1).forEach(problem -> rows.add(List.of("", "", "", problem(problem))));
            domain.warnings().forEach(warning -> rows.add(List.of("", "", "", "warning: " + problem(warning))));
        }
        print(rows);
        report.conflicts().forEach(this::conflict);
        terminal.print(report.domains().stream()
                        .filter(DomainsReport.Planned::accepted)
                        .count()
                + " of " + report.domains().size() + " domains would start");
    }

    private void conflict(DomainsReport.Conflict conflict) {
        warn(conflict.path() + " is written by " + names(conflict.writers())
                + (conflict.readers().isEmpty() ? "" : " and read by " + names(conflict.readers()))
                + ": only one of them can run at a time, unless each says that it shares the disk");
    }

    private static String names(List<VmName> domains) {
        return domains.stream().map(name -> Terminal.safe(name.value())).collect(Collectors.joining(", "));
    }

    /** Prints the result of a stop. */
    public void stopped(Report.Stopped stopped) {
        terminal.print(stopped.report().vm() + ": stopped; " + stopped.reverted() + " labels given back, "
                + stopped.kept() + " kept");
        report(stopped.report());
        stopped.stillRunning()
                .ifPresent(pid -> terminal.complain(
                        "process " + pid + " still runs: what it held stays refused to other VMs until it has ended"));
    }

    /** Prints why something is refused. */
    public void refused(Refusal.Body refusal) {
        terminal.complain(refusal.message());
        if (refusal.problems().size() > 1) {
            refusal.problems().forEach(problem -> terminal.err().println("  " + problem(problem)));
        }
    }

    /** Prints the results for files: only the notable ones, one a line. */
    public void report(Report report) {
        files(report.reports());
        problems("problem", report.problems());
    }

    public void files(List<FileReport> files) {
        for (FileReport file : files) {
            terminal.print("  " + file.outcome().word() + "  " + file.path()
                    + (file.message().isEmpty() ? "" : ": " + Terminal.safe(file.message())));
        }
    }

    /** Prints files that a process has open and should not, or should have open and has not, one a line. */
    public void drift(List<OpenFiles.Found> drift) {
        drift.forEach(one -> terminal.print("  " + Terminal.safe(one.kind()) + "  " + Terminal.safe(one.message())));
    }

    public void problems(String word, List<Problem> problems) {
        for (Problem problem : problems) {
            terminal.err().println(terminal.styledMessage(Style.WARNING, word + ":") + " " + problem(problem));
        }
    }

    private void warn(String message) {
        terminal.err().println(terminal.styledMessage(Style.WARNING, "WARNING: " + message));
    }

    public static String problem(Problem problem) {
        return problem.kind() + problem.file().map(file -> " " + file).orElse("") + ": "
                + Terminal.safe(problem.message());
    }
}
