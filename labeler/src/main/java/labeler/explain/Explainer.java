package labeler.explain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.config.ServiceConfig;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLine;
import labeler.guard.record.FileAuditLog;
import labeler.guard.record.LogPage;
import labeler.guard.record.LogReader;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmView;
import labeler.linux.ExtendedAttributes;
import labeler.linux.HostPath;
import labeler.linux.SafeOpen;
import labeler.problem.IoReason;
import labeler.work.FileSystemWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers what is known, and has it explained. */
public final class Explainer {
    private static final Logger LOG = LoggerFactory.getLogger(Explainer.class);

    /** Lines of the audit log that are read in a step, and that are kept at most: the newest. */
    private static final int PAGE = 10_000;

    /** The last decisions about a file; earlier ones tell little. */
    private static final int MOST_DECISIONS = 10;

    private final VmLifecycle lifecycle;
    private final SafeOpen open;
    private final ExtendedAttributes attributes;
    private final FileSystemWork work;
    private final FileAuditLog audit;
    private final String socket;

    @Inject
    Explainer(
            VmLifecycle lifecycle,
            SafeOpen open,
            ExtendedAttributes attributes,
            FileSystemWork work,
            FileAuditLog audit,
            ServiceConfig config) {
        this.lifecycle = lifecycle;
        this.open = open;
        this.attributes = attributes;
        this.work = work;
        this.audit = audit;
        this.socket =
                HostPath.of(config.runtimeDirectories()).child("NAME/qmp.sock").printable();
    }

    /**
     * The result.
     *
     * @param unreadable denials that could not be read
     * @param leftOut different denials that are older than the newest {@value Denials#MOST}
     */
    public record Explained(List<Explanation> explanations, long unreadable, long leftOut) {
        public Explained {
            explanations = List.copyOf(explanations);
        }
    }

    /** Explains the denials in lines of the kernel's audit log. */
    public Explained denials(Stream<String> lines) {
        AuditRecords.Read read = AuditRecords.read(lines);
        Denials denials = new Denials(read);
        List<Explanation> explanations = new ArrayList<>();
        each(denials.newest(), denials::last)
                .forEach((denial, explanation) ->
                        explanations.add(explanation.times(denials.count(denial), denials.last(denial))));
        return new Explained(explanations, read.unreadable(), denials.leftOut());
    }

    /** Explains denials that have just happened, in their order. */
    public SequencedMap<Denial, Explanation> each(List<Denial> denials) {
        return each(denials, _ -> Optional.empty());
    }

    private SequencedMap<Denial, Explanation> each(List<Denial> denials, Function<Denial, Optional<Instant>> last) {
        SequencedMap<Denial, Explanation> explained = new LinkedHashMap<>();
        if (denials.isEmpty()) {
            return explained;
        }
        List<VmView> vms = lifecycle.status();
        Map<Denial, Facts.File> files = search(vms).denied(denials);
        Set<HostPath> paths = files.values().stream().map(Facts.File::path).collect(Collectors.toSet());
        List<AuditLine> decisions = decisions(line -> line.entry().event() == AuditEvent.VM_STARTED
                || line.entry().files().stream().anyMatch(file -> paths.contains(file.path())));
        for (Denial denial : denials) {
            Optional<Facts.File> file = Optional.ofNullable(files.get(denial));
            List<AuditLine> about = decisions.stream()
                    .filter(line -> isAbout(line, file) || isOfLevel(line, denial))
                    .toList();
            explained.put(
                    denial, DenialExplanation.of(denial, last.apply(denial), new Facts(vms, file, about, socket)));
        }
        return explained;
    }

    private HeldFileSearch search(List<VmView> vms) {
        return new HeldFileSearch(open, attributes, work, DeviceNames.ofHost(), vms);
    }

    private static boolean isAbout(AuditLine line, Optional<Facts.File> file) {
        return file.filter(known -> line.entry().files().stream()
                        .anyMatch(named -> named.path().equals(known.path())))
                .isPresent();
    }

    private static boolean isOfLevel(AuditLine line, Denial denial) {
        String words = "level " + denial.source().level() + ",";
        return line.entry()
                .result()
                .message()
                .filter(text -> text.startsWith(words))
                .isPresent();
    }

    /** Explains a file. */
    public Explained file(HostPath path) {
        List<VmView> vms = lifecycle.status();
        Facts.File file = search(vms).named(path);
        Optional<Facts.File> known = Optional.of(file);
        List<AuditLine> decisions = decisions(line -> isAbout(line, known));
        List<AuditLine> last = decisions.subList(Math.max(0, decisions.size() - MOST_DECISIONS), decisions.size());
        return new Explained(List.of(FileExplanation.of(file, new Facts(vms, known, last, socket))), 0, 0);
    }

    /** Lines of the newest files of the audit log. Without it less is known, and the rest is still true. */
    private List<AuditLine> decisions(Predicate<AuditLine> wanted) {
        Deque<AuditLine> lines = new ArrayDeque<>();
        LogReader reader = audit.reader();
        try {
            LogPage page = reader.read(reader.recent(), PAGE, wanted);
            keepNewest(lines, page);
            while (!page.isEnd()) {
                page = reader.read(page.next(), PAGE, wanted);
                keepNewest(lines, page);
            }
        } catch (IOException e) {
            LOG.warn("the audit log cannot be read for an explanation: {}", IoReason.of(e));
        }
        return List.copyOf(lines);
    }

    private static void keepNewest(Deque<AuditLine> lines, LogPage page) {
        lines.addAll(page.lines());
        while (lines.size() > PAGE) {
            lines.removeFirst();
        }
    }
}
