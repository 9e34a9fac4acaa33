package labeler.view;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.Matrix.Reach;
import labeler.linux.HostPath;
import labeler.registry.HostName;
import labeler.selinux.StoredLabel;
import labeler.view.Terminal.Style;

/** The matrix on a terminal: a line for each file, a column for each VM. */
public final class MatrixText {
    /** The number of columns that fit beside a path. Further VMs are only counted. */
    private static final int MAXIMUM_COLUMNS = 12;

    private static final int MAXIMUM_NAME = 12;

    private final Terminal terminal;
    private final InstantSource clock;

    public MatrixText(Terminal terminal) {
        this(terminal, InstantSource.system());
    }

    /** @param clock from which the age of what is told of other hosts is told */
    MatrixText(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    public void print(Matrix matrix) {
        if (matrix.vms().isEmpty()) {
            terminal.print("no VMs");
            return;
        }
        if (matrix.vms().size() > MAXIMUM_COLUMNS) {
            counts(matrix);
            matrix.files().stream().filter(file -> !file.otherHosts().isEmpty()).forEach(this::elsewhere);
        } else {
            grid(matrix);
        }
        foundation(matrix);
        faults(matrix);
    }

    /** Says so if it was not the policy that decided. */
    private void foundation(Matrix matrix) {
        boolean isByLandlock =
                matrix.vms().stream().anyMatch(vm -> vm.decidedBy().equals(Optional.of(Matrix.Decider.LANDLOCK)));
        if (isByLandlock) {
            terminal.print(
                    terminal.styled(Style.DIM, "SELinux is not active here: Landlock decides, by what each VM holds"));
        }
    }

    private void grid(Matrix matrix) {
        StringBuilder heads = new StringBuilder();
        for (Matrix.Row row : matrix.vms()) {
            String vm = name(row);
            heads.append(cell(cut(vm), vm));
        }
        List<HostName> hosts = matrix.otherHosts();
        boolean hasHostColumns = matrix.vms().size() + hosts.size() <= MAXIMUM_COLUMNS;
        if (hasHostColumns) {
            hosts.forEach(host -> heads.append(cell(cut(head(host)), head(host))));
        }
        terminal.print(terminal.styled(Style.BOLD, heads + "FILE"));
        for (int file = 0; file < matrix.files().size(); file++) {
            StringBuilder line = new StringBuilder();
            for (int vm = 0; vm < matrix.vms().size(); vm++) {
                line.append(
                        cell(mark(matrix.access(vm, file)), name(matrix.vms().get(vm))));
            }
            Matrix.Column shown = matrix.files().get(file);
            if (hasHostColumns) {
                hosts.forEach(host -> line.append(cell(shown.otherHosts().contains(host) ? "held" : "", head(host))));
            }
            String others = hasHostColumns || shown.otherHosts().isEmpty()
                    ? ""
                    : "  (" + VmText.alsoHeldBy(shown.otherHosts()) + ")";
            terminal.print(
                    line + shown.path().printable() + "  " + terminal.styled(Style.DIM, context(shown)) + others);
        }
        terminal.print(terminal.styled(Style.DIM, "rw: read and write, r: read, fd: only what was opened by others"));
        if (!hosts.isEmpty()) {
            terminal.print(terminal.styled(
                    Style.DIM,
                    (hasHostColumns ? "@: another host, held: it holds the file" : "other hosts") + asked(matrix)));
        }
    }

    private String asked(Matrix matrix) {
        return matrix.files().stream()
                .flatMap(file -> file.otherHostsAsked().stream())
                .min(Comparator.naturalOrder())
                .map(asked -> "; asked " + VmText.age(Duration.between(asked, clock.instant())) + " ago")
                .orElse("");
    }

    private void elsewhere(Matrix.Column file) {
        terminal.print(file.path().printable() + ": " + VmText.alsoHeldBy(file.otherHosts()));
    }

    /** No VM's column begins so by chance: a host is no VM. */
    static String head(HostName host) {
        return "@" + host.value();
    }

    private static String cut(String name) {
        return name.length() > MAXIMUM_NAME ? name.substring(0, MAXIMUM_NAME - 1) + "…" : name;
    }

    /** A cell as wide as its column's head. */
    private static String cell(String text, String head) {
        int width = Math.max(2, Math.min(head.length(), MAXIMUM_NAME)) + 2;
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    private static String mark(Reach access) {
        return switch (access) {
            case NONE -> "·";
            case READ -> "r";
            case READ_WRITE -> "rw";
            case DESCRIPTOR -> "fd";
        };
    }

    static String name(Matrix.Row vm) {
        return Terminal.safe(vm.vm().value());
    }

    static String context(Matrix.Column file) {
        return file.context().map(StoredLabel::printable).orElse("");
    }

    private void counts(Matrix matrix) {
        for (int vm = 0; vm < matrix.vms().size(); vm++) {
            int writes = 0;
            int reads = 0;
            for (int file = 0; file < matrix.files().size(); file++) {
                Reach access = matrix.access(vm, file);
                writes += access == Reach.READ_WRITE ? 1 : 0;
                reads += access == Reach.READ ? 1 : 0;
            }
            terminal.print(name(matrix.vms().get(vm)) + ": writes " + writes + ", reads " + reads + " of "
                    + matrix.files().size() + " files");
        }
    }

    private void faults(Matrix matrix) {
        for (int vm = 0; vm < matrix.vms().size(); vm++) {
            if (matrix.isOpen(vm)) {
                terminal.err()
                        .println(terminal.styledMessage(Style.WARNING, "WARNING: ")
                                + name(matrix.vms().get(vm))
                                + " can reach every file here: nothing confines it; start it with labeler run, which"
                                + " has Landlock, or on a host with SELinux");
            }
        }
        for (int file = 0; file < matrix.files().size(); file++) {
            for (int vm = 0; vm < matrix.vms().size(); vm++) {
                String name = name(matrix.vms().get(vm));
                HostPath path = matrix.files().get(file).path();
                if (matrix.isTooMuch(vm, file) && !matrix.isOpen(vm)) {
                    terminal.err()
                            .println(terminal.styledMessage(Style.WARNING, "WARNING: ") + name + " can reach " + path
                                    + " (" + matrix.access(vm, file).word() + "), which it does not hold");
                } else if (matrix.isTooLittle(vm, file)) {
                    terminal.err()
                            .println(terminal.styledMessage(Style.WARNING, "WARNING: ") + name
                                    + " cannot reach its own " + path + "; set its label again with labeler relabel");
                }
            }
        }
    }
}
