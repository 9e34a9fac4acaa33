package labeler.survey;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.survey.ImageProblem.NamedBy;

/** Problems that a plan would refuse: of each, whether it is unsafe today. One that several VMs have is told once. */
final class ImageRules {
    /** Characters of a message. */
    private static final int LONGEST = 400;

    private static final String RAW =
            "raw, unless you yourself have made it as something else. What qemu-img says about its content is what a"
                    + " guest may have written";

    private final Map<Told, Flaw> flaws = new LinkedHashMap<>();

    /** The facts that make two problems one. */
    private record Told(FlawKind kind, Optional<HostPath> file, Optional<HostPath> image, String harm) {}

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
            flaws.merge(
                    told(flaw, problem), of(flaw, vm.stream().toList()), (first, more) -> of(first, both(first, more)));
        });
    }

    /** Each image that names a forbidden file is told: a person who mends one has not mended the others. */
    private static Told told(Flaw flaw, ImageProblem problem) {
        boolean isOfImage = flaw.kind() == FlawKind.FORBIDDEN_REFERENCE || flaw.kind() == FlawKind.OUTSIDE_REFERENCE;
        return new Told(
                flaw.kind(),
                flaw.file(),
                isOfImage ? problem.image() : Optional.empty(),
                flaw.kind() == FlawKind.REFUSED_DEFINITION ? flaw.harm() : "");
    }

    private static Flaw of(Flaw flaw, List<VmIdentity> vms) {
        return new Flaw(flaw.kind(), flaw.severity(), flaw.file(), vms, flaw.harm(), flaw.remedy());
    }

    private static List<VmIdentity> both(Flaw first, Flaw more) {
        return Stream.concat(first.vms().stream(), more.vms().stream())
                .distinct()
                .toList();
    }

    /** The meaning of a kind of problem for a survey. */
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
                    PROGRAM_FILE,
                    CONTRADICTION,
                    IN_USE -> Meaning.REFUSED;
            case UNREADABLE, CHANGED, NOT_UNDERSTOOD, DEFINITION_MALFORMED, NOT_ANSWERING, NO_REGISTRY ->
                Meaning.UNSEEN;
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

    /** An administrator must not take the word of qemu-img for a format: it reads what a guest may have written. */
    private static Flaw undeclared(ImageProblem found) {
        return found.namedBy() == NamedBy.DEFINITION_WITHOUT_FORMAT
                ? flaw(
                        found,
                        FlawKind.UNDECLARED_FORMAT,
                        Severity.DANGER,
                        "no format is declared for it, and its content could be that of another than raw: a guest that"
                                + " writes it chooses the format, and so which files of this host qemu opens"
                                + " (CVE-2008-2004)",
                        "declare its format in the command line or the definition: " + RAW)
                : flaw(
                        found,
                        FlawKind.UNDECLARED_FORMAT,
                        Severity.DANGER,
                        found.problem().message(),
                        "labeler chain " + image(found) + " shows the chain and opens no file that it should not; then"
                                + " declare the backing file in the definition, or record its format in this image. The"
                                + " format is " + RAW);
    }

    private static Flaw forbidden(ImageProblem found) {
        return flaw(
                found,
                FlawKind.FORBIDDEN_REFERENCE,
                Severity.DANGER,
                named(found)
                        + ": anybody who may write that header chooses what qemu opens on this host. A plan refuses it: "
                        + found.problem().message(),
                "labeler chain " + image(found)
                        + " shows where; declare the file in the definition if it is meant, else give this image to no"
                        + " VM");
    }

    private static Flaw outside(ImageProblem found) {
        return flaw(
                found,
                FlawKind.OUTSIDE_REFERENCE,
                Severity.WARNING,
                named(found) + ", which lies where no images are expected",
                "labeler chain " + image(found)
                        + " shows where; declare the file, or add its directory to image.roots");
    }

    /** The image at which its chain begins, as a word of a command. */
    private static String image(ImageProblem found) {
        return found.image().or(found.problem()::file).map(ShellWord::of).orElse("IMAGE");
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
                        : "labeler chain " + image(found) + " shows where");
    }

    private static Flaw flaw(ImageProblem found, FlawKind kind, Severity severity, String harm, String remedy) {
        return new Flaw(kind, severity, found.problem().file(), List.of(), QuotedText.of(harm, LONGEST), remedy);
    }
}
