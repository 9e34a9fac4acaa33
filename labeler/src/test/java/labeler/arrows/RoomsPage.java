package labeler.arrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of {@code docs/architecture.md} that is made from the list of arrows and each room's Javadoc. */
final class RoomsPage {
    private static final String BEGIN = "<!-- rooms: made by RoomsPageTest from the list of arrows -->\n";
    private static final String END = "<!-- end of rooms -->\n";

    private static final Path SOURCES = Path.of("src/main/java/labeler").toAbsolutePath();
    private static final Pattern JAVADOC = Pattern.compile("(?s)/\\*\\*(.*?)\\*/");
    private static final Pattern CODE = Pattern.compile("\\{@(?:code|link) ([^}]*)\\}");

    private final Arrows arrows;

    RoomsPage(Arrows arrows) {
        this.arrows = arrows;
    }

    /** The page with this part made again. */
    String renewed(String page) throws IOException {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException("the page lacks the two marks around its rooms");
        }
        return page.substring(0, begin + BEGIN.length()) + table() + picture() + page.substring(end);
    }

    private String table() throws IOException {
        StringBuilder table = new StringBuilder("\n| room | may hold, and may not | names |\n|---|---|---|\n");
        for (String room : arrows.rooms().keySet()) {
            table.append("| `")
                    .append(room)
                    .append("` | ")
                    .append(words(room))
                    .append(" | ")
                    .append(String.join(", ", arrows.of(room)))
                    .append(" |\n");
        }
        return table.append('\n').toString();
    }

    /** The first paragraph of the package's Javadoc. */
    private static String words(String room) throws IOException {
        Path file = SOURCES.resolve(room.replace('.', '/')).resolve("package-info.java");
        Matcher javadoc = JAVADOC.matcher(Files.readString(file));
        if (!javadoc.find()) {
            throw new IOException(file + " says nothing");
        }
        String text = javadoc.group(1).replaceAll("(?m)^ *\\* ?", "").strip().replaceAll("\\s+", " ");
        return CODE.matcher(text).replaceAll("`$1`");
    }

    /** The picture, without arrows that a longer way replaces. */
    private String picture() {
        StringBuilder picture = new StringBuilder("```mermaid\nflowchart TD\n");
        for (String room : arrows.rooms().keySet()) {
            for (String other : arrows.withoutShortcuts(room)) {
                picture.append("  ").append(room).append(" --> ").append(other).append('\n');
            }
        }
        return picture.append("```\n\n").toString();
    }
}
