package labeler.vm.qemu.monitor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * A command line for a guard that serves its monitors.
 *
 * @param line without the options of the monitors that the guard serves
 * @param places where the guard is to listen for them
 * @param isWhole whether no monitor is left beside
 * @param problems ways around the guard that nobody has allowed, and out of it
 */
public record CommandLineMonitors(
        QemuCommandLine line, List<HostPath> places, boolean isWhole, List<Problem> problems) {
    private static final Problem DAEMON = Problem.of(
            Problem.Kind.UNSUPPORTED,
            "-daemonize: the process of labeler run ends then, and with it the VM's labels and its guard, while qemu runs"
                    + " on; leave it out, and start labeler run in a unit or in the background");

    public CommandLineMonitors {
        places = List.copyOf(places);
        problems = List.copyOf(problems);
    }

    /**
     * Finds the monitors.
     *
     * <p>A command line without any gets no monitor for people either: qemu makes that by itself only where it has no
     * monitor, and with a guard it has one.
     *
     * @param isAllowed whether a way around the guard is allowed, by its name
     */
    public static CommandLineMonitors of(QemuCommandLine line, Predicate<String> isAllowed) {
        Map<String, PlacedOption> chardevs = new HashMap<>();
        for (PlacedOption option : line.options()) {
            if (option.name().equals("chardev")) {
                chardevs.put(MonitorOption.settings(option).text("id"), option);
            }
        }
        Set<PlacedOption> served = new LinkedHashSet<>();
        Set<HostPath> places = new LinkedHashSet<>();
        List<Problem> problems = new ArrayList<>();
        boolean isWhole = true;
        for (PlacedOption option : line.options()) {
            switch (MonitorOption.of(option, line.workingDirectory(), chardevs)) {
                case MonitorOption.None() -> {}
                case MonitorOption.Socket(HostPath place, Optional<PlacedOption> chardev) -> {
                    served.add(option);
                    chardev.ifPresent(served::add);
                    places.add(place);
                }
                case MonitorOption.Around(String name, String what, String wayOut) -> {
                    isWhole = false;
                    if (!isAllowed.test(name)) {
                        problems.add(around(option, name, what, wayOut));
                    }
                }
                case MonitorOption.Reserved(String name) ->
                    problems.add(problem(
                            option,
                            "names that begin with " + MonitorOption.RESERVED + " are the guard's own; rename "
                                    + QuotedText.of(name)));
            }
        }
        if (line.isDaemon()) {
            problems.add(DAEMON);
        }
        return new CommandLineMonitors(line.without(served), List.copyOf(places), isWhole, problems);
    }

    /**
     * The monitors of a qemu that runs, by its arguments; empty if they are not understood to their end. Relative names
     * are not followed.
     */
    public static Optional<CommandLineMonitors> ofRunning(List<byte[]> arguments) {
        return Optional.of(QemuCommandLine.read(arguments, HostPath.of("/")))
                .filter(line -> line.words().size() == arguments.size())
                .map(line -> of(line, _ -> true));
    }

    private static Problem around(PlacedOption option, String name, String what, String wayOut) {
        return problem(
                option,
                what + " leads around the guard of the VM's monitor; " + wayOut + ", or allow it: guard.allow = [\""
                        + name + "\"]");
    }

    private static Problem problem(PlacedOption option, String message) {
        return Problem.of(Problem.Kind.UNSUPPORTED, option.origin() + ": " + message);
    }
}
