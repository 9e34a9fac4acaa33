package labeler.guard.flow;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All flows and all their ends. */
public final class FlowTable {
    private static final List<FlowCase> CASES = Stream.of(DiskFlows.cases(), FileFlows.cases(), LongFlows.cases())
            .flatMap(List::stream)
            .toList();

    private FlowTable() {}

    /** All of them; the property picks some by what they are called: {@code -Dlabeler.flows='(stream|mirror): cancel'}. */
    public static List<FlowCase> cases() {
        return picked(CASES);
    }

    /** Where qemu opens files by their names: also those of which it takes no descriptor. */
    public static List<FlowCase> byName() {
        return picked(Stream.concat(CASES.stream(), NameFlows.cases().stream()).toList());
    }

    private static List<FlowCase> picked(List<FlowCase> all) {
        Pattern picked = Pattern.compile(System.getProperty("labeler.flows", ".*"));
        return all.stream()
                .filter(one -> picked.matcher(one.toString()).matches())
                .toList();
    }
}
