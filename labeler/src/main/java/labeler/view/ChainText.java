package labeler.view;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import labeler.api.ChainAnswer;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.Problem;
import labeler.chain.Role;
import labeler.fileset.ImageLabels;
import labeler.linux.HostPath;
import labeler.view.Terminal.Style;

/** A chain as a tree, for people. Each file has its problems and its references below it. */
public final class ChainText<F extends ImageFile> {
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");
    private static final int UNIT = 1024;
    private static final int TENTHS = 10;

    /** The longest run of equal layers that is shown in full. A longer run shows only its ends. */
    static final int LONGEST_RUN = 20;

    /** The number of layers shown at each end of a longer run. */
    static final int SHOWN_OF_RUN = 3;

    private final Terminal terminal;
    private final Chain<F> chain;
    private final List<Row<F>> rows = new ArrayList<>();
    private final List<Problem> problems;
    private final List<Problem> warnings;

    /** A file, and those that it names. */
    private record Row<F extends ImageFile>(Chain.Node<F> node, String description, List<Row<F>> below) {}

    public ChainText(Terminal terminal, Chain<F> chain, ImageLabels labels) {
        this.terminal = terminal;
        this.chain = chain;
        this.problems = new ArrayList<>(chain.problems());
        this.warnings = new ArrayList<>(chain.warnings());
        for (Chain.Node<F> node : chain.nodes()) {
            Row<F> row = new Row<>(node, description(node, labels), new ArrayList<>());
            rows.add(row);
            node.parent().ifPresent(parent -> rows.get(parent).below().add(row));
        }
    }

    public void print() {
        if (!rows.isEmpty()) {
            print(rows.getFirst(), "", "");
        }
        // Problems of no file in the tree: the top itself is missing, or a limit was reached.
        for (String line : take(warnings, problem -> true, "warning")) {
            terminal.print(line);
        }
        for (String line : take(problems, problem -> true, "problem")) {
            terminal.print(line);
        }
    }

    /** Prints a file and those below it. The walk's limit on depth bounds the recursion. */
    private void print(Row<F> row, String branch, String indent) {
        Chain.Node<F> node = row.node();
        String role = node.role() == Role.IMAGE ? "" : node.role().word() + ": ";
        terminal.print(branch + role + terminal.styled(Style.BOLD, name(node.name())) + "  " + row.description());
        List<String> notes = notes(node);
        List<Row<F>> below = row.below();
        for (int i = 0; i < notes.size(); i++) {
            boolean last = below.isEmpty() && i == notes.size() - 1;
            terminal.print(indent + (last ? "└─ " : "├─ ") + notes.get(i));
        }
        for (int i = 0; i < below.size(); i++) {
            Row<F> child = below.get(i);
            boolean last = i == below.size() - 1;
            String next = indent + (last ? "   " : "│  ");
            List<Row<F>> run = runFrom(child);
            if (run.size() > LONGEST_RUN) {
                printRun(run, indent + (last ? "└─ " : "├─ "), next);
            } else {
                print(child, indent + (last ? "└─ " : "├─ "), next);
            }
        }
    }

    /** Prints the first layers of a run, the number of omitted ones, and the last ones with all below them. */
    private void printRun(List<Row<F>> run, String branch, String indent) {
        String lead = branch;
        String below = indent;
        for (Row<F> row : run.subList(0, SHOWN_OF_RUN)) {
            terminal.print(lead + "backing: "
                    + terminal.styled(Style.BOLD, name(row.node().name())) + "  " + row.description());
            lead = below + "└─ ";
            below += "   ";
        }
        int left = run.size() - 2 * SHOWN_OF_RUN;
        terminal.print(lead + terminal.styled(Style.DIM, "… " + left + " more like these; --json has all …"));
        print(run.get(run.size() - SHOWN_OF_RUN), below + "└─ ", below + "   ");
    }

    /** This file, and those in a straight line below it that differ only in their names. */
    private List<Row<F>> runFrom(Row<F> first) {
        List<Row<F>> run = new ArrayList<>();
        Row<F> next = first;
        while (isPlain(next) && next.description().equals(first.description())) {
            run.add(next);
            if (next.below().isEmpty()) {
                break;
            }
            next = next.below().getFirst();
        }
        return run;
    }

    /** Whether nothing else is to be said about this file. */
    private boolean isPlain(Row<F> row) {
        Chain.Node<F> node = row.node();
        return node.role() == Role.BACKING
                && row.below().size() <= 1
                && problems.stream().noneMatch(problem -> concerns(problem, node))
                && warnings.stream().noneMatch(problem -> concerns(problem, node))
                && chain.unfollowed().stream().noneMatch(named -> named.parent().equals(node.name()))
                && chain.external().stream()
                        .noneMatch(external -> external.parent().equals(node.name()));
    }

    private static String description(Chain.Node<?> node, ImageLabels labels) {
        return node.format().driver() + " (" + node.formatSource().word()
                + node.content().map(content -> ", holds " + content.word()).orElse("") + ")"
                + (node.virtualSize().isPresent()
                        ? ", " + size(node.virtualSize().getAsLong())
                        : "")
                + ", " + ChainAnswer.word(node.access())
                + labels.of(node.file())
                        .map(label -> ", " + Terminal.safe(label))
                        .orElse("");
    }

    private List<String> notes(Chain.Node<F> node) {
        List<String> notes = new ArrayList<>();
        for (Chain.External external : chain.external()) {
            if (external.parent().equals(node.name())) {
                notes.add(external.role().word() + ": " + name(external.reference()) + "  " + place(external) + ", "
                        + (external.followed() ? "qemu opens it" : "qemu does not open it"));
            }
        }
        for (Chain.Unfollowed named : chain.unfollowed()) {
            if (named.parent().equals(node.name())) {
                notes.add(named.relation().word() + ": " + name(named.reference()) + "  qemu does not open it");
            }
        }
        notes.addAll(take(warnings, problem -> concerns(problem, node), "warning"));
        notes.addAll(take(problems, problem -> concerns(problem, node), "problem"));
        return notes;
    }

    /** The kind of a reference. Only {@code json:} can name a file here. */
    private static String place(Chain.External external) {
        return external.protocol().equals("file")
                ? "a file, not looked into here"
                : "not a file here (" + Terminal.safe(external.protocol()) + ")";
    }

    private static boolean concerns(Problem problem, Chain.Node<?> node) {
        return problem.namedBy().orElse(problem.file()).equals(node.name());
    }

    /** Lines for the matching problems. They are removed from the list, so that each is shown once. */
    private List<String> take(List<Problem> from, Predicate<Problem> which, String word) {
        List<String> lines = new ArrayList<>();
        for (Problem problem : from) {
            if (which.test(problem)) {
                lines.add(terminal.styled(Style.WARNING, word + ":") + line(problem));
            }
        }
        from.removeIf(which);
        return lines;
    }

    public static void problems(Terminal terminal, Chain<?> chain) {
        chain.warnings().forEach(warning -> printMessage(terminal, "warning:", warning));
        chain.problems().forEach(problem -> printMessage(terminal, "problem:", problem));
    }

    private static void printMessage(Terminal terminal, String word, Problem problem) {
        terminal.err().println(terminal.styledMessage(Style.WARNING, word) + line(problem));
    }

    private static String line(Problem problem) {
        return " " + problem.kind() + " " + name(problem.file()) + ": " + Terminal.safe(problem.message());
    }

    public static String name(FileName name) {
        return HostPath.parse(name.bytes()).map(HostPath::printable).orElseGet(name::printable);
    }

    static String size(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= UNIT && unit < UNITS.size() - 1) {
            value /= UNIT;
            unit++;
        }
        // Not String.format, whose first call reads what languages there are: a tenth of the time of a command.
        long tenths = Math.round(value * TENTHS);
        String number =
                value == Math.rint(value) ? String.valueOf((long) value) : tenths / TENTHS + "." + tenths % TENTHS;
        return number + " " + UNITS.get(unit);
    }
}
