package labeler.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.Problem;
import labeler.chain.Role;
import labeler.cli.Terminal.Style;
import labeler.linux.HostPath;

/** A chain as a tree, for people. */
final class ChainText {
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");
    private static final int UNIT = 1024;

    private final Terminal terminal;

    ChainText(Terminal terminal) {
        this.terminal = terminal;
    }

    <F extends ImageFile> void print(Chain<F> chain) {
        for (int i = 0; i < chain.nodes().size(); i++) {
            if (chain.nodes().get(i).parent().isEmpty()) {
                print(chain, i, "", "");
            }
        }
        for (Chain.External external : chain.external()) {
            terminal.print("not a file (" + Terminal.safe(external.protocol()) + "): "
                    + external.role().word() + " " + name(external.reference()) + " of " + name(external.parent()));
        }
    }

    /** Recursion is bounded by the walk's limit on depth. */
    private <F extends ImageFile> void print(Chain<F> chain, int index, String branch, String indent) {
        Chain.Node<F> node = chain.nodes().get(index);
        String role = node.role() == Role.IMAGE ? "" : node.role().word() + ": ";
        String size =
                node.virtualSize().isPresent() ? ", " + size(node.virtualSize().getAsLong()) : "";
        terminal.print(branch + role + terminal.styled(Style.BOLD, name(node.name())) + "  "
                + node.format().driver() + " (" + node.formatSource().word() + ")" + size + ", "
                + ChainJson.word(node.access()));
        List<Integer> children = new ArrayList<>();
        for (int i = 0; i < chain.nodes().size(); i++) {
            if (chain.nodes().get(i).parent().orElse(-1) == index) {
                children.add(i);
            }
        }
        for (int child : children) {
            boolean last = child == children.getLast();
            print(chain, child, indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
        }
    }

    static <F extends ImageFile> void problems(Terminal terminal, Chain<F> chain) {
        for (Problem warning : chain.warnings()) {
            print(terminal, "warning", warning);
        }
        for (Problem problem : chain.problems()) {
            print(terminal, "problem", problem);
        }
    }

    private static void print(Terminal terminal, String word, Problem problem) {
        terminal.err()
                .println(terminal.styled(Style.WARNING, word + ":") + " " + problem.kind() + " " + name(problem.file())
                        + ": " + Terminal.safe(problem.message()));
    }

    static String name(FileName name) {
        return HostPath.parse(name.bytes()).map(HostPath::printable).orElseGet(name::printable);
    }

    private static String size(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= UNIT && unit < UNITS.size() - 1) {
            value /= UNIT;
            unit++;
        }
        String number = value == Math.rint(value) ? "%.0f" : "%.1f";
        return String.format(Locale.ROOT, number, value) + " " + UNITS.get(unit);
    }
}
