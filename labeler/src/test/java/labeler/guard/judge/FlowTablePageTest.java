package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import labeler.guard.flow.Ending;
import labeler.guard.flow.FlowCase;
import labeler.guard.flow.FlowTable;
import org.junit.jupiter.api.Test;

/** The page has the flows of the tests, and their ends. {@code -Dlabeler.write-documents=true} updates it. */
class FlowTablePageTest {
    private static final Path PAGE =
            Path.of("../docs/guard-proof.md").toAbsolutePath().normalize();
    private static final String BEGIN = "<!-- flows -->\n";
    private static final String END = "<!-- end of flows -->";

    @Test
    void the_page_has_each_flow_and_its_ends() throws IOException {
        String page = Files.readString(PAGE);
        String renewed =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + table() + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        } else {
            assertThat(page)
                    .as(
                            "docs/guard-proof.md; ./dev test -Dtest=FlowTablePageTest -Dlabeler.write-documents=true renews it")
                    .isEqualTo(renewed);
        }
    }

    private static String table() {
        String heads =
                Arrays.stream(Ending.values()).map(end -> end.words() + " | ").collect(Collectors.joining());
        String rows = FlowTable.byName().stream()
                .map(FlowCase::flow)
                .distinct()
                .map(FlowTablePageTest::row)
                .collect(Collectors.joining());
        return "| flow | " + heads + "service killed |\n|---|---|---|---|---|---|\n" + rows;
    }

    private static String row(String flow) {
        String cells = Arrays.stream(Ending.values())
                .map(end -> ways(has(FlowTable.byName(), flow, end), has(FlowTable.cases(), flow, end)) + " | ")
                .collect(Collectors.joining());
        // On descriptors each flow is that can succeed.
        String killed = ways(isInterrupted(flow), has(FlowTable.cases(), flow, Ending.SUCCESS));
        return "| " + flow + " | " + cells + killed + " |\n";
    }

    private static boolean has(List<FlowCase> cases, String flow, Ending end) {
        return cases.stream().anyMatch(one -> one.flow().equals(flow) && one.ending() == end);
    }

    private static String ways(boolean isOnLabels, boolean isOnDescriptors) {
        return isOnLabels ? isOnDescriptors ? "L D" : "L" : isOnDescriptors ? "D" : "–";
    }

    /** On labels. */
    private static boolean isInterrupted(String flow) {
        return InterruptedCommands.names().stream()
                .anyMatch(name -> flow.equals(name) || flow.startsWith(name + " and "));
    }
}
