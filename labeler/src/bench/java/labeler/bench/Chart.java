package labeler.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws lines as SVG. Standard input: the title, the words under the horizontal axis and the words beside the vertical one, a
 * line each; then lines of a name, x and y, between tabs. Both axes begin at 0.
 */
final class Chart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int BOTTOM = 50;
    private static final int TOP = 40;
    private static final int RIGHT = 150;
    private static final int STEPS = 5;
    private static final List<String> COLOURS = List.of("#1f6fb4", "#c8501e", "#2e8b57", "#7d4fa0");

    private final Map<String, List<double[]>> lines = new LinkedHashMap<>();
    private final StringBuilder svg = new StringBuilder();
    private double mostX = 1;
    private double mostY = 1;

    private Chart() {}

    public static void main(String[] arguments) throws IOException {
        List<String> input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        System.out.print(new Chart().draw(input));
    }

    private String draw(List<String> input) {
        for (String line : input.subList(3, input.size())) {
            String[] parts = line.split("\t", -1);
            double[] point = {Double.parseDouble(parts[1]), Double.parseDouble(parts[2])};
            lines.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(point);
            mostX = Math.max(mostX, point[0]);
            mostY = Math.max(mostY, point[1]);
        }
        mostY = roundedUp(mostY);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                .formatted(WIDTH, HEIGHT));
        svg.append("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n".formatted(WIDTH, HEIGHT));
        text(WIDTH / 2.0, 22, "middle", input.get(0));
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", input.get(1));
        text(8, TOP - 14, "start", input.get(2));
        axes();
        int number = 0;
        for (Map.Entry<String, List<double[]>> line : lines.entrySet()) {
            line(line.getKey(), line.getValue(), number++);
        }
        return svg.append("</svg>\n").toString();
    }

    /** The next of 1, 2, 5, 10, 20, … */
    private static double roundedUp(double value) {
        double unit = Math.pow(10, Math.floor(Math.log10(value)));
        return unit * (value <= unit ? 1 : value <= 2 * unit ? 2 : value <= 5 * unit ? 5 : 10);
    }

    private double x(double value) {
        return LEFT + value / mostX * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / mostY * (HEIGHT - BOTTOM - TOP);
    }

    private void axes() {
        for (int step = 0; step <= STEPS; step++) {
            double across = mostX * step / STEPS;
            double up = mostY * step / STEPS;
            stroke(x(0), y(up), x(mostX), y(up), "#dddddd");
            text(LEFT - 6, y(up) + 4, "end", number(up));
            text(x(across), HEIGHT - BOTTOM + 18, "middle", number(across));
        }
        stroke(x(0), y(0), x(mostX), y(0), "black");
        stroke(x(0), y(0), x(0), y(mostY), "black");
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private void line(String name, List<double[]> points, int number) {
        String colour = COLOURS.get(number % COLOURS.size());
        StringBuilder path = new StringBuilder();
        for (double[] point : points) {
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point[0]), y(point[1])));
            svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                    x(point[0]),
                    y(point[1]),
                    colour));
        }
        svg.append("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n"
                .formatted(path.toString().strip(), colour));
        int at = TOP + 18 * number;
        stroke(WIDTH - RIGHT + 12, at, WIDTH - RIGHT + 32, at, colour);
        text(WIDTH - RIGHT + 38, at + 4, "start", name);
    }

    private void stroke(double fromX, double fromY, double toX, double toY, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
                fromX,
                fromY,
                toX,
                toY,
                colour));
    }

    private void text(double x, double y, String anchor, String words) {
        String safe = words.replace("&", "&amp;").replace("<", "&lt;");
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, safe));
    }
}
