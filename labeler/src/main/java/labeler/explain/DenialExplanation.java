package labeler.explain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import labeler.guard.record.AuditLine;
import labeler.guard.record.Outcome;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.Printable;
import labeler.linux.ShellWord;
import labeler.vm.VmName;

/** Reasons about one denial. */
final class DenialExplanation {
    /** Object classes that stand for files. */
    private static final Set<String> FILES =
            Set.of("file", "blk_file", "chr_file", "dir", "lnk_file", "sock_file", "fifo_file");

    /** qemu tries io_uring(7), and does without. Seen on each start with Fedora's policy. */
    private static final Set<String> TRIED_AT_EACH_START = Set.of("io_uring", "anon_inode");

    private static final HostPath POSSIBLE = HostPath.of("possible");

    /** Domains that end VMs: a root shell, libvirt, systemd, and labeler itself ({@code stop --kill}). */
    private static final Set<String> SENDERS = Set.of("unconfined_t", "virtd_t", "virtqemud_t", "init_t", "labelerd_t");

    /** The domain of {@code labeler run} until it becomes qemu, which keeps its number. */
    private static final String LAUNCHER = "labeler_run_t";

    /** A directory's name that, as a regular expression, is the name of nothing else. */
    private static final Pattern WITHOUT_EXPRESSION = Pattern.compile("/[A-Za-z0-9_/@%:=,-]+");

    /** The time of a process's begin is known to the second, and a little wrong. */
    private static final Duration INACCURACY = Duration.ofSeconds(2);

    private final Denial denial;
    private final Optional<Instant> last;
    private final Facts facts;
    private final List<String> sentences = new ArrayList<>();
    private final List<String> advice = new ArrayList<>();

    private DenialExplanation(Denial denial, Optional<Instant> last, Facts facts) {
        this.denial = denial;
        this.last = last;
        this.facts = facts;
    }

    /**
     * Explains a denial by what is known.
     *
     * @param last when it happened last; empty if that is not known
     */
    static Explanation of(Denial denial, Optional<Instant> last, Facts facts) {
        return new DenialExplanation(denial, last, facts).explanation();
    }

    private Explanation explanation() {
        Optional<VmView> vm = vm();
        say(who(vm) + " tried to " + String.join(", ", denial.permissions()) + " " + object()
                + (denial.isPermissive()
                        ? "; it was reported only, since the domain or the host is permissive."
                        : ", and SELinux denied it."));
        vm.filter(this::beganLater)
                .ifPresent(held -> say(
                        "VM " + held.vm() + " began after that: it may have been the one that had this level before."));
        Reading reading = isHarmless() ? harmless() : vm.map(this::ofVm).orElseGet(this::ofNobody);
        return new Explanation(
                        Optional.of(reading),
                        vm.map(VmView::vm),
                        facts.file().map(Facts.File::path).or(denial::path),
                        sentences,
                        advice,
                        1)
                .unanswered(facts.file().flatMap(Facts.File::silent));
    }

    private void say(String sentence) {
        sentences.add(sentence);
    }

    private void advise(String step) {
        advice.add(step);
    }

    /**
     * By the domain and the level, which the kernel put on the process. A process's number alone says little: another process
     * had it before, or has it by now, and a launcher had it before it became this qemu.
     */
    private Optional<VmView> vm() {
        Optional<VmView> byContext = among(denial::isOfQemuOf);
        return byContext.isPresent() ? byContext : among(this::isItsProcess);
    }

    private Optional<VmView> among(Predicate<VmView> wanted) {
        return facts.vms().stream().filter(wanted).findFirst();
    }

    private boolean isItsProcess(VmView vm) {
        return vm.pid().isPresent()
                && vm.pid().equals(denial.pid())
                && (vm.processContext().type().equals(denial.source().type()) || denial.isAtLevelOf(vm))
                && last.isPresent()
                && vm.since().isPresent()
                && !beganLater(vm);
    }

    /** Whether the VM's process began after the denial; false if that is not known. */
    private boolean beganLater(VmView vm) {
        return vm.since()
                .filter(since -> last.filter(time -> time.isBefore(since.minus(INACCURACY)))
                        .isPresent())
                .isPresent();
    }

    private String who(Optional<VmView> vm) {
        String process = "process " + denial.pid().map(String::valueOf).orElse("?")
                + denial.command()
                        .map(name -> " (" + Printable.text(name) + ")")
                        .orElse("") + " at "
                + denial.source();
        return vm.map(held -> "VM " + held.vm() + ", " + process + whoseNumber(held) + ",")
                .orElseGet(() -> "P" + process.substring(1));
    }

    private String whoseNumber(VmView vm) {
        boolean isOther =
                vm.pid().isPresent() && denial.pid().isPresent() && !vm.pid().equals(denial.pid());
        return isOther ? ", which is not its qemu now (that is " + vm.pid().get() + ")" : "";
    }

    private String object() {
        String named = denial.path()
                .map(HostPath::printable)
                .or(() -> denial.name().map(name -> "something named " + name.printable()))
                .orElse("something without a name");
        String where = denial.inode().isPresent()
                ? " (inode " + denial.inode().getAsLong()
                        + denial.device()
                                .map(device -> " on " + Printable.text(device))
                                .orElse("") + ")"
                : "";
        return named + where + " of class " + denial.objectClass() + ", labelled " + denial.target();
    }

    private boolean isHarmless() {
        return TRIED_AT_EACH_START.contains(denial.objectClass())
                || (denial.objectClass().equals("dir") && denial.target().type().startsWith("sysctl_"))
                || isCountOfProcessors()
                || isLookForSender();
    }

    /** glibc reads /sys/devices/system/cpu/possible. */
    private boolean isCountOfProcessors() {
        return denial.target().type().equals("sysfs_t")
                && denial.name().filter(POSSIBLE::equals).isPresent()
                && denial.permissions().equals(List.of("read"));
    }

    /** qemu says who has sent it SIGTERM, and looks into /proc/PID for that. Another VM's process is not among them. */
    private boolean isLookForSender() {
        return denial.objectClass().equals("dir")
                && denial.device().filter("proc"::equals).isPresent()
                && denial.permissions().equals(List.of("search"))
                && SENDERS.contains(denial.target().type());
    }

    private Reading harmless() {
        say("qemu tries this by itself, and does without.");
        return Reading.HARMLESS;
    }

    private Reading ofNobody() {
        if (denial.source().type().equals(LAUNCHER)) {
            say("That is labeler run itself, before it became a VM's qemu: no guest had run in it.");
            advise("`labeler policy status` shows whether the module is that of this version; `labeler policy install`"
                    + " loads it.");
            return Reading.NO_VM;
        }
        Optional<VmView> beside = among(denial::isAtLevelOf);
        if (beside.isPresent()) {
            say("It is at the level of VM " + beside.get().vm() + ", and is not its qemu, which runs in the domain "
                    + beside.get().processContext().type()
                    + ": it is a helper of that VM's, such as swtpm, or a container, and has the level by chance.");
            advise("`ps -eZ` shows what runs as " + denial.source() + "; it has to do with no VM's guest.");
            return Reading.NO_VM;
        }
        say("No VM that the service holds has this level"
                + lastOfLevel()
                        .map(name -> "; VM " + name + " had it, and has ended.")
                        .orElse(": its VM has ended, or belongs to another manager, such as libvirt."));
        advise("Compare with `labeler events` about that time.");
        return Reading.NO_VM;
    }

    private Optional<VmName> lastOfLevel() {
        String words = "level " + denial.source().level() + ",";
        return facts.decisions().stream()
                .filter(line -> line.entry()
                        .result()
                        .message()
                        .filter(text -> text.startsWith(words))
                        .isPresent())
                .reduce((_, last) -> last)
                .flatMap(line -> line.entry().vm());
    }

    private Reading ofVm(VmView vm) {
        if (!FILES.contains(denial.objectClass())) {
            return ofNoFile(vm);
        }
        List<Facts.Hold> holds = facts.file().map(Facts.File::holds).orElse(List.of());
        Optional<Facts.Hold> own =
                holds.stream().filter(hold -> hold.vm().vm().equals(vm.vm())).findFirst();
        if (own.isPresent()) {
            HeldFileReasoning.Conclusion conclusion = new HeldFileReasoning(denial, facts, own.get()).conclusion();
            sentences.addAll(conclusion.sentences());
            advice.addAll(conclusion.advice());
            return conclusion.reading();
        }
        say("That is not in the VM's set of files.");
        List<String> others =
                holds.stream().map(hold -> hold.vm().vm().value()).distinct().toList();
        if (!others.isEmpty()) {
            return anotherVms(vm, "It is a file of VM " + String.join(", ", others) + ".");
        }
        Optional<VmView> owner = ownerBeside(vm);
        if (owner.isPresent()) {
            return anotherVms(vm, "Its label has the level of VM " + owner.get().vm() + ".");
        }
        return ofNobodysFile(vm);
    }

    /** Another VM whose the object is. */
    private Optional<VmView> ownerBeside(VmView vm) {
        return among(denial::isOnThatOf).filter(other -> !other.vm().equals(vm.vm()));
    }

    private Reading ofNoFile(VmView vm) {
        say(ownerBeside(vm)
                .map(other -> "That is a part of VM " + other.vm() + ", and no VM needs access to another one.")
                .orElse("That is no file, and no VM needs this access."));
        suspect(vm);
        return Reading.TRICKERY;
    }

    private Reading anotherVms(VmView vm, String whose) {
        say(whose + " A qemu that is not broken into, and not told to, does not try this.");
        suspect(vm);
        return Reading.TRICKERY;
    }

    private void suspect(VmView vm) {
        advise("Find out who told it to: `labeler events "
                + ShellWord.last(vm.vm().value()) + "`.");
        advise("If nobody did, take the guest for hostile: stop it, keep its images, and look at its qemu.");
    }

    private Reading ofNobodysFile(VmView vm) {
        say("No VM holds it.");
        Optional<AuditLine> refused = refusal(vm);
        if (refused.isPresent()) {
            say("Command "
                    + refused.get()
                            .entry()
                            .command()
                            .map(command -> command.number() + " (" + command.name() + ")")
                            .orElse("?")
                    + " named it and was refused"
                    + refused.get()
                            .entry()
                            .result()
                            .rule()
                            .map(rule -> " by rule " + rule)
                            .orElse("")
                    + ": " + refused.get().entry().result().message().orElse("no reason is recorded") + ".");
            advise("Do what the refusal says; qemu reached for the file all the same, so look for a monitor beside"
                    + " the guarded one.");
            return Reading.MISSING_LABEL;
        }
        Optional<HostPath> path = facts.file().map(Facts.File::path).or(denial::path);
        boolean isOfHost = path.map(HostPlaces::isOfHost)
                .orElseGet(() -> !HostPlaces.isTypeOfData(denial.target().type()));
        if (isOfHost) {
            say("It is a file of the host, and no VM needs it.");
            suspect(vm);
            return Reading.TRICKERY;
        }
        return unnamed(vm, path);
    }

    private Optional<AuditLine> refusal(VmView vm) {
        return facts.decisions().stream()
                .filter(line -> line.entry().vm().equals(Optional.of(vm.vm()))
                        && line.entry().result().outcome().equals(Optional.of(Outcome.REFUSED)))
                .reduce((_, last) -> last);
    }

    private Reading unnamed(VmView vm, Optional<HostPath> path) {
        if (denial.objectClass().equals("dir")) {
            say("It is a directory, and the service labels only files.");
            advise(searchable(path));
            return Reading.MISSING_LABEL;
        }
        say("Neither the VM's definition nor a header nor a command at its guarded monitor named it.");
        if (path.isEmpty()) {
            advise("Find its name: find MOUNT-POINT -xdev -inum "
                    + (denial.inode().isPresent() ? denial.inode().getAsLong() : "N") + ", on "
                    + denial.device().map(Printable::text).orElse("its device") + "; then `labeler explain FILE`.");
        }
        advise("If the VM needs it: name it on the command line or in the domain XML and start the VM again, or add"
                + " it to the running VM with `labeler disk attach "
                + ShellWord.last(vm.vm().value()) + "` or by a command at "
                + facts.socket().replace("NAME", vm.vm().asFileName()) + ".");
        return Reading.MISSING_LABEL;
    }

    /** semanage takes a regular expression, and a directory of the guest's choice could be one for other files. */
    private static String searchable(Optional<HostPath> path) {
        String advice = "If files of the VM are below it, give it a type that qemu may search: semanage fcontext -a -t"
                + " virt_image_t ";
        Optional<String> plain = path.flatMap(HostPath::utf8).filter(WITHOUT_EXPRESSION.asMatchPredicate());
        return plain.map(directory ->
                        advice + ShellWord.of(directory) + ", then restorecon " + ShellWord.of(directory) + ".")
                .orElse(advice
                        + "'DIRECTORY', then restorecon 'DIRECTORY'; for semanage its name is a regular expression,"
                        + " so put a backslash before each character that means something there.");
    }
}
