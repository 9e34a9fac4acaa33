package labeler.survey;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.survey.ImageProblem.NamedBy;

/** What a plan would refuse: of each problem, whether it is unsafe today. One that several VMs have is told once. */
final class ImageRules {
    /** Characters of a message. */
    private static final int LONGEST = 400;

    private final Map<Told, Flaw> flaws = new LinkedHashMap<>();

    /** What makes two problems one. */
    private record Told(FlawKind kind, Optional<HostPath> file, String harm) {}

    private ImageRules(HostFacts host) {
        host.problems().forEach(problem -> add(problem, Optional.empty()));
        for (VmFacts vm : host.vms()) {
            vm.problems().forEach(problem -> add(problem, Optional.of(vm.identity())));
        }
    }

    static List<Flaw> of(HostFacts host) {
        return List.copyOf(new ImageRules(host).flaws.values());
    }

    private void add(ImageProblem problem, Optional<VmIdentity> vm) {
        flaw(problem).ifPresent(flaw -> {
            Told key =
                    new Told(flaw.kind(), flaw.file(), flaw.kind() == FlawKind.REFUSED_DEFINITION ? flaw.harm() : "");
            flaws.merge(key, of(flaw, vm.stream().toList()), (first, more) -> of(first, both(first, more)));
        });
    }

    private static Flaw of(Flaw flaw, List<VmIdentity> vms) {
        return new Flaw(flaw.kind(), flaw.severity(), flaw.file(), vms, flaw.harm(), flaw.remedy());
    }

    private static List<VmIdentity> both(Flaw first, Flaw more) {
        return Stream.concat(first.vms().stream(), more.vms().stream())
                .distinct()
                .toList();
    }

    /** What a kind of problem means for a survey. */
    private enum Meaning {
        UNDECLARED,
        NOT_FROM_HEADER,
        NO_FILE,
        OUTSIDE,
        REFUSED,
        /** Nobody could look at it, or understand it. */
        UNSEEN,
        /** A fact of a start, or of labeler's own VMs. */
        NONE
    }

    private static Meaning meaning(Problem.Kind kind) {
        return switch (kind) {
            case FORMAT_UNSPECIFIED -> Meaning.UNDECLARED;
            case NOT_FROM_HEADER -> Meaning.NOT_FROM_HEADER;
            case NOT_A_FILE -> Meaning.NO_FILE;
            case OUTSIDE_ROOTS -> Meaning.OUTSIDE;
            case MALFORMED,
                    UNSUPPORTED,
                    FORMAT_UNKNOWN,
                    FORMAT_MISMATCH,
                    AMBIGUOUS,
                    LOOP,
                    TOO_DEEP,
                    TOO_MANY,
                    MISSING,
                    NEW_REFERENCE,
                    LABELS_UNAVAILABLE,
                    LEFTOVER_LABEL,
                    SERVICE_FILE,
                    CONTRADICTION,
                    IN_USE -> Meaning.REFUSED;
            case UNREADABLE, CHANGED, NOT_UNDERSTOOD, DEFINITION_MALFORMED, NOT_ANSWERING -> Meaning.UNSEEN;
            case NO_WALL,
                    WALL_INCOMPLETE,
                    LEVEL_IN_USE,
                    ALREADY_RUNNING,
                    STILL_RUNNING,
                    NO_FREE_PAIR,
                    LABEL_NOT_SET,
                    JOURNAL_FAILED,
                    PROCESS_ENDED,
                    KERNEL_DISAGREES,
                    NOT_DECIDED -> Meaning.NONE;
        };
    }

    /** Whether nobody could look at it, or understand it: no flaw tells of it. */
    static boolean isUnseen(Problem problem) {
        return meaning(problem.kind()) == Meaning.UNSEEN;
    }

    private static Optional<Flaw> flaw(ImageProblem found) {
        return switch (meaning(found.problem().kind())) {
            case UNDECLARED -> Optional.of(undeclared(found));
            case NOT_FROM_HEADER -> Optional.of(forbidden(found));
            case NO_FILE -> Optional.of(found.namedBy() == NamedBy.HEADER ? forbidden(found) : refused(found));
            case OUTSIDE -> Optional.of(outside(found));
            case REFUSED -> Optional.of(refused(found));
            case UNSEEN, NONE -> Optional.empty();
        };
    }

    private static Flaw undeclared(ImageProblem found) {
        String place = found.problem().file().map(ShellWord::of).orElse("IMAGE");
        return found.namedBy() == NamedBy.DEFINITION_WITHOUT_FORMAT
                ? flaw(
                        found,
                        FlawKind.UNDECLARED_FORMAT,
                        Severity.DANGER,
                        "no format is declared for it, and its content could be that of another than raw: a guest that"
                                + " writes it chooses the format, and so which files of this host qemu opens (CVE-2008-2004)",
                        "declare its format in the command line or the definition; qemu-img info " + place
                                + " says what it seems to be")
                : flaw(
                        found,
                        FlawKind.UNDECLARED_FORMAT,
                        Severity.DANGER,
                        "its header does not record the format of its backing file: a guest that has written that file"
                                + " chose the format, and so which files of this host qemu opens (CVE-2010-2238)",
                        "qemu-img info " + place + " names the backing file; qemu-img rebase -u -b BACKING -F FORMAT "
                                + place + " records its format");
    }

    private static Flaw forbidden(ImageProblem found) {
        return flaw(
                found,
                FlawKind.FORBIDDEN_REFERENCE,
                Severity.DANGER,
                named(found) + ": whoever may write that header chooses what qemu opens on this host",
                "labeler chain " + found.image().map(ShellWord::of).orElse("IMAGE")
                        + " shows where; declare the file in the definition if it is meant, else qemu-img rebase -u");
    }

    private static Flaw outside(ImageProblem found) {
        return flaw(
                found,
                FlawKind.OUTSIDE_REFERENCE,
                Severity.WARNING,
                named(found) + ", which lies where no images are expected",
                "labeler chain " + found.image().map(ShellWord::of).orElse("IMAGE")
                        + " shows where; declare the file, or add its directory to image.roots");
    }

    private static String named(ImageProblem found) {
        return found.image()
                .filter(image -> !found.problem().file().equals(Optional.of(image)))
                .map(image -> "a header in the chain of " + image + " names it")
                .orElse("a header names it");
    }

    private static Flaw refused(ImageProblem found) {
        boolean isDefinition = found.problem().file().isEmpty();
        return flaw(
                found,
                isDefinition ? FlawKind.REFUSED_DEFINITION : FlawKind.REFUSED_IMAGE,
                Severity.NOTICE,
                found.problem().message(),
                isDefinition
                        ? "labeler plan shows what is wrong with the definition"
                        : "labeler chain "
                                + found.image()
                                        .or(found.problem()::file)
                                        .map(ShellWord::of)
                                        .orElseThrow() + " shows where");
    }

    private static Flaw flaw(ImageProblem found, FlawKind kind, Severity severity, String harm, String remedy) {
        return new Flaw(kind, severity, found.problem().file(), List.of(), QuotedText.of(harm, LONGEST), remedy);
    }
}
