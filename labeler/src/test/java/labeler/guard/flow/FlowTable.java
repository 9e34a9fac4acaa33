package labeler.guard.flow;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All flows and all their ends. */
public final class FlowTable {
    private static final List<FlowCase> CASES = Stream.concat(DiskFlows.cases().stream(), FileFlows.cases().stream())
            .toList();

    private FlowTable() {}

    /** All of them; the property picks some by what they are called: {@code -Dlabeler.flows='(stream|mirror): cancel'}. */
    public static List<FlowCase> cases() {
        Pattern picked = Pattern.compile(System.getProperty("labeler.flows", ".*"));
        return CASES.stream()
                .filter(one -> picked.matcher(one.toString()).matches())
                .toList();
    }
}
