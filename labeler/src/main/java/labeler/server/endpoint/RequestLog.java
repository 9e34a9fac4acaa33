package labeler.server.endpoint;

import static java.util.stream.Collectors.joining;

import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import labeler.api.Refusal;
import labeler.fileset.FileUse;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditFile;
import labeler.guard.record.AuditLog;
import labeler.leftover.Leftover;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.FileView;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.PeerIdentity;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The results of changing requests, for the log and the metrics: who asked, for which VM, and what happened. */
record RequestLog(Metrics metrics, AuditLog audit) {
    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

    /** The first ones are enough: a definition may have hundreds of problems. */
    private static final int MAXIMUM_PROBLEMS = 16;

    @Inject
    RequestLog {}

    void started(PeerIdentity peer, VmView vm) {
        metrics.start(Metrics.Start.STARTED);
        metrics.labelsSet(vm.files().stream()
                .filter(file -> file.treatment() == Treatment.LABEL)
                .count());
        String walls = vm.walls().stream().sorted().map(Wall::word).collect(joining(" and "));
        String what = "level " + vm.level() + ", "
                + (walls.isEmpty() ? "nothing confines it" : "confined by " + walls) + "; "
                + counts(vm.files(), FileView::treatment, Treatment.class, Treatment::word, "no files");
        LOG.info("VM {}: started for {}: {}", vm.vm(), PeerRules.words(peer), what);
        audit.add(AuditEntry.of(AuditEvent.VM_STARTED, vm.vm())
                .by(peer)
                .files(auditFiles(vm.files()))
                .saying(what));
    }

    /** The files, each with its widest use. */
    private static List<AuditFile> auditFiles(List<FileView> files) {
        return files.stream()
                .map(file -> new AuditFile(
                        file.path(),
                        file.uses().stream()
                                .map(FileUse::access)
                                .max(Comparator.naturalOrder())
                                .orElse(UseAccess.READ_ONLY),
                        file.treatment().word()
                                + file.disk().map(disk -> ", disk " + disk).orElse("")))
                .toList();
    }

    void attached(PeerIdentity peer, VmView vm, String disk) {
        List<FileView> joined = vm.files().stream()
                .filter(file -> file.disk().equals(Optional.of(disk)))
                .toList();
        metrics.labelsSet(joined.stream()
                .filter(file -> file.treatment() == Treatment.LABEL)
                .count());
        String counts = counts(joined, FileView::treatment, Treatment.class, Treatment::word, "no files");
        LOG.info("VM {}: disk {} attached for {}: {}", vm.vm(), disk, PeerRules.words(peer), counts);
        audit.add(AuditEntry.of(AuditEvent.DISK_ATTACHED, vm.vm())
                .by(peer)
                .files(auditFiles(joined))
                .saying("disk " + disk + ": " + counts));
    }

    void guarded(PeerIdentity peer, VmView vm) {
        LOG.info(
                "VM {}: guarded for {}: {}",
                vm.vm(),
                PeerRules.words(peer),
                vm.guard().word());
    }

    /** The refusal of a start for these problems. */
    Refusal refused(PeerIdentity peer, VmName name, List<Problem> problems) {
        Refusal refusal = refused(AuditEvent.START_REFUSED, peer, name, problems);
        metrics.start(outcome(refusal));
        return refusal;
    }

    /** The refusal of a change for these problems. */
    Refusal notChanged(PeerIdentity peer, VmName name, List<Problem> problems) {
        return refused(AuditEvent.CHANGE_REFUSED, peer, name, problems);
    }

    private Refusal refused(AuditEvent event, PeerIdentity peer, VmName name, List<Problem> problems) {
        audit.add(AuditEntry.of(event, name)
                .by(peer)
                .saying(problems.stream()
                        .limit(MAXIMUM_PROBLEMS)
                        .map(problem -> problem.kind()
                                + problem.file()
                                        .map(file -> " " + file.printable())
                                        .orElse("") + ": "
                                + problem.message())
                        .collect(joining("; "))));
        Refusal refusal = Refusal.because(problems);
        problems.stream()
                .limit(MAXIMUM_PROBLEMS)
                .forEach(problem -> LOG.info(
                        "VM {}: refused for {}: {}{}: {}",
                        name,
                        PeerRules.words(peer),
                        problem.kind(),
                        problem.file().map(file -> " " + file.printable()).orElse(""),
                        problem.message()));
        if (problems.size() > MAXIMUM_PROBLEMS) {
            LOG.info("VM {}: refused for {} more reasons", name, problems.size() - MAXIMUM_PROBLEMS);
        }
        return refusal;
    }

    private static Metrics.Start outcome(Refusal refusal) {
        return switch (refusal.status()) {
            case REFUSED -> Metrics.Start.REFUSED;
            case CONFLICT -> Metrics.Start.CONFLICT;
            case USAGE, NOT_PERMITTED, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE, FAILED, BUSY, UNREACHABLE ->
                Metrics.Start.FAILED;
        };
    }

    /**
     * A change that somebody asked for.
     *
     * @param event whose kind it is; {@link AuditEvent#VM_STOPPED} is told where a VM ends, whoever asked
     * @param what the change in a few words: {@code stopped}
     */
    void changed(PeerIdentity peer, AuditEvent event, String what, VmReport report) {
        String counts =
                counts(report.files(), FileReport::outcome, Outcome.class, Outcome::word, "no labels of its own");
        LOG.info("VM {}: {} for {}: {}", report.name(), what, PeerRules.words(peer), counts);
        audit.add(AuditEntry.of(event, report.name()).by(peer).saying(what + ": " + counts));
        report.files().forEach(file -> metrics.file(file.outcome()));
        report.files().forEach(file -> unusual("VM " + report.name(), file));
        report.problems().forEach(problem -> LOG.warn("VM {}: {}", report.name(), problem.message()));
    }

    /** Files of a VM are not as they were left. */
    void drifted(VmReport report, long drift) {
        String what = drift + (drift == 1 ? " is" : " are") + " not as it should be: "
                + Stream.concat(
                                report.files().stream()
                                        .filter(file -> file.outcome() != Outcome.AS_EXPECTED
                                                && file.outcome() != Outcome.STILL_HELD)
                                        .map(file -> file.path().printable() + ": " + file.message()),
                                report.problems().stream().map(Problem::message))
                        .limit(MAXIMUM_PROBLEMS)
                        .collect(joining("; "));
        LOG.warn("VM {}: {}", report.name(), what);
        audit.add(AuditEntry.of(AuditEvent.DRIFT, report.name()).saying(what));
    }

    void trusted(PeerIdentity peer, TrustOutcome.Trusted trusted) {
        trusted.images()
                .forEach(image -> LOG.info(
                        "{}: trusted for {}: {}",
                        image.path().printable(),
                        PeerRules.words(peer),
                        image.references().isEmpty()
                                ? "it refers to nothing"
                                : image.references().stream()
                                        .map(named -> named.reference().words())
                                        .collect(joining(", "))));
    }

    void recovered(PeerIdentity peer, RecoveryReport report) {
        report.ended().forEach(vm -> changed(peer, AuditEvent.STOP_REQUESTED, "recovered", vm));
        report.stale().forEach(file -> unusual("no VM", file));
    }

    /** Logs the old label of a file that a scan has just relabelled. Nothing else records it. */
    void mended(PeerIdentity peer, Leftover file) {
        LOG.info(
                "{}: {} for {}; had {}, a pair that nobody holds",
                file.path().printable(),
                file.message(),
                PeerRules.words(peer),
                file.context().printable());
    }

    /** Logs a result that an administrator may have to look into. */
    private static void unusual(String whose, FileReport file) {
        switch (file.outcome()) {
            case CHANGED_BY_OTHERS, LOST, FAILED ->
                LOG.warn(
                        "{}: {}: {}: {}",
                        whose,
                        file.path().printable(),
                        file.outcome().word(),
                        file.message());
            case REVERTED, STILL_HELD, MISSING, AS_EXPECTED, RELABELLED, WOULD_CHANGE -> {}
        }
    }

    /** Counts, as in {@code 3 label, 1 leave}, in the order of the constants. */
    private static <T, E extends Enum<E>> String counts(
            List<T> files, Function<T, E> kind, Class<E> kinds, Function<E, String> word, String none) {
        Map<E, Integer> counts = new EnumMap<>(kinds);
        files.forEach(file -> counts.merge(kind.apply(file), 1, Integer::sum));
        return counts.isEmpty()
                ? none
                : Arrays.stream(kinds.getEnumConstants())
                        .filter(counts::containsKey)
                        .map(constant -> counts.get(constant) + " " + word.apply(constant))
                        .collect(joining(", "));
    }
}
