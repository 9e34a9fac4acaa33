package labeler.view;

import java.util.List;
import java.util.stream.Stream;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.Matrix.Reach;
import labeler.registry.HostName;

/** The matrix as a picture (SVG 1.1), readable on light and dark backgrounds, without scripts and external parts. */
public final class MatrixSvg {
    private static final int CELL = 26;
    private static final int GAP = 4;
    private static final int LEFT = 24;
    private static final int TOP = 64;
    /** The rough width and height of a character. */
    private static final int CHARACTER = 8;

    private static final int SLANTED = 6;
    private static final int LEGEND = 64;

    private static final String STYLE = """
        text { font: 13px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #1f2933 }
        .title { font: 600 17px system-ui, 'DejaVu Sans', sans-serif }
        .dim { fill: #7b8794; font-size: 11px }
        .none { fill: #eef1f4 } .read { fill: #9bd1c6 } .read-write { fill: #17766b } .descriptor { fill: #f0b95b }
        .fault { fill: none; stroke: #d64545; stroke-width: 3 }
        .paper { fill: #ffffff }
        @media (prefers-color-scheme: dark) {
          text { fill: #e4e7eb } .dim { fill: #9aa5b1 } .paper { fill: #14181d } .none { fill: #232a32 }
          .read { fill: #3d7f76 } .read-write { fill: #53d1bf }
        }
        """;

    /** Hosts with a column of their own; a base may be held by all hosts of a cluster. */
    private static final int MOST_HOSTS = 24;

    private final Matrix matrix;
    private final List<HostName> hosts;
    private final StringBuilder out = new StringBuilder();

    public MatrixSvg(Matrix matrix) {
        this.matrix = matrix;
        this.hosts = matrix.otherHosts().stream().limit(MOST_HOSTS).toList();
    }

    public String text() {
        List<String> columnHeads = Stream.concat(
                        matrix.vms().stream().map(MatrixText::name),
                        hosts.stream().map(MatrixText::head))
                .toList();
        int columns = columnHeads.size();
        int longestHead = columnHeads.stream().mapToInt(String::length).max().orElse(0);
        int longestPath = matrix.files().stream()
                .mapToInt(file -> Math.max(
                        file.path().printable().length(),
                        MatrixText.context(file).length()))
                .max()
                .orElse(0);
        int heads = TOP + longestHead * SLANTED;
        int names = LEFT + columns * (CELL + GAP) + CELL / 2;
        int width = Math.max(names + longestPath * CHARACTER + LEFT, 560);
        int bottom = heads + matrix.files().size() * (CELL + GAP);
        out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">%n"
                .formatted(width, bottom + LEGEND, width, bottom + LEGEND));
        out.append("<title>Which VM can reach which file</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n");
        out.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        label(LEFT, 32, "title", "Which VM can reach which file, as the kernel decides it");
        for (int column = 0; column < columns; column++) {
            int x = LEFT + column * (CELL + GAP) + CELL / 2;
            out.append("<text transform=\"translate(%d %d) rotate(-55)\">".formatted(x, heads - 8))
                    .append(escaped(columnHeads.get(column)))
                    .append("</text>\n");
        }
        for (int file = 0; file < matrix.files().size(); file++) {
            row(file, heads + file * (CELL + GAP), names);
        }
        legend(bottom + LEGEND / 2);
        return out.append("</svg>").toString();
    }

    private void row(int file, int y, int names) {
        for (int vm = 0; vm < matrix.vms().size(); vm++) {
            int x = LEFT + vm * (CELL + GAP);
            String access = matrix.access(vm, file).word();
            out.append("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"><title>"
                            .formatted(access, x, y, CELL, CELL))
                    .append(escaped(MatrixText.name(matrix.vms().get(vm)) + ", "
                            + matrix.files().get(file).path() + ": " + access))
                    .append("</title></rect>\n");
            if (matrix.isTooMuch(vm, file) || matrix.isTooLittle(vm, file)) {
                out.append("<rect class=\"fault\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>%n"
                        .formatted(x - 1, y - 1, CELL + 2, CELL + 2));
            }
        }
        for (int host = 0; host < hosts.size(); host++) {
            if (matrix.files().get(file).otherHosts().contains(hosts.get(host))) {
                int x = LEFT + (matrix.vms().size() + host) * (CELL + GAP) + CELL / 2;
                ring(
                        x,
                        y + CELL / 2,
                        CELL / 2 - 3,
                        "host " + hosts.get(host) + " holds "
                                + matrix.files().get(file).path());
            }
        }
        label(names, y + CELL / 2 - 1, "", matrix.files().get(file).path().printable());
        label(names, y + CELL / 2 + 11, "dim", MatrixText.context(matrix.files().get(file)));
    }

    private void legend(int y) {
        int x = LEFT;
        for (Reach access : Reach.values()) {
            out.append("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" rx=\"3\"/>%n"
                    .formatted(access.word(), x, y));
            label(x + 20, y + 12, "dim", access.word());
            x += 20 + (access.word().length() + 2) * CHARACTER;
        }
        out.append("<rect class=\"fault\" x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" rx=\"3\"/>%n".formatted(x, y));
        label(x + 20, y + 12, "dim", "not as it should be");
        if (!hosts.isEmpty()) {
            int more = matrix.otherHosts().size() - hosts.size();
            ring(LEFT + 7, y + 27, 6, "another host");
            label(
                    LEFT + 20,
                    y + 32,
                    "dim",
                    "another host holds it" + (more > 0 ? "; " + more + " more hosts are not shown" : ""));
        }
    }

    /** The use of a file by another host is not for the kernel of this one to say: it is no square. */
    private void ring(int x, int y, int radius, String title) {
        out.append(("<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"none\" stroke=\"#7c66c9\" stroke-width=\"3\""
                                + " stroke-dasharray=\"4 2\"><title>")
                        .formatted(x, y, radius))
                .append(escaped(title))
                .append("</title></circle>\n");
    }

    private void label(int x, int y, String style, String text) {
        out.append("<text class=\"%s\" x=\"%d\" y=\"%d\">".formatted(style, x, y))
                .append(escaped(text))
                .append("</text>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
