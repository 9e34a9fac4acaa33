package labeler.view;

import labeler.api.ChainAnswer;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.fileset.ImageLabels;

/** A chain in Graphviz' language (graphviz.org/doc/info/lang.html). */
public final class ChainDot {
    private final StringBuilder out = new StringBuilder("digraph chain {\n  node [shape=box];\n");

    public <F extends ImageFile> ChainDot(Chain<F> chain, ImageLabels labels) {
        for (int i = 0; i < chain.nodes().size(); i++) {
            Chain.Node<F> node = chain.nodes().get(i);
            out.append("  n").append(i).append(" [label=\"");
            quote(ChainText.name(node.name()));
            out.append("\\n");
            quote(node.format().driver() + ", "
                    + (node.virtualSize().isPresent()
                            ? ChainText.size(node.virtualSize().getAsLong()) + ", "
                            : "")
                    + ChainAnswer.word(node.access()));
            labels.of(node.file()).ifPresent(label -> {
                out.append("\\n");
                quote(Terminal.safe(label));
            });
            out.append('"').append(hasProblem(chain, node) ? ", color=red" : "").append("];\n");
            if (node.parent().isPresent()) {
                edge("n" + node.parent().getAsInt(), "n" + i, node.role().word());
            }
        }
        for (int i = 0; i < chain.external().size(); i++) {
            Chain.External external = chain.external().get(i);
            out.append("  e").append(i).append(" [shape=ellipse");
            out.append(external.followed() ? "" : ", style=dashed").append(", label=\"");
            quote(ChainText.name(external.reference()));
            out.append("\"];\n");
            edges(chain, external.parent(), "e" + i, external.role().word());
        }
        for (int i = 0; i < chain.unfollowed().size(); i++) {
            Chain.Unfollowed named = chain.unfollowed().get(i);
            out.append("  u").append(i).append(" [style=dashed, label=\"");
            quote(ChainText.name(named.reference()));
            out.append("\"];\n");
            edges(chain, named.parent(), "u" + i, named.relation().word());
        }
        out.append("}");
    }

    private static boolean hasProblem(Chain<?> chain, Chain.Node<?> node) {
        return chain.problems().stream()
                .anyMatch(problem -> problem.namedBy().orElse(problem.file()).equals(node.name()));
    }

    private void edges(Chain<?> chain, FileName from, String to, String label) {
        for (int i = 0; i < chain.nodes().size(); i++) {
            if (chain.nodes().get(i).name().equals(from)) {
                edge("n" + i, to, label);
            }
        }
    }

    private void edge(String from, String to, String label) {
        out.append("  ")
                .append(from)
                .append(" -> ")
                .append(to)
                .append(" [label=\"")
                .append(label)
                .append("\"];\n");
    }

    /** Inside quotes, a quote ends the text and a backslash begins an escape. */
    private void quote(String text) {
        out.append(text.replace("\\", "\\\\").replace("\"", "\\\""));
    }

    public String text() {
        return out.toString();
    }
}
