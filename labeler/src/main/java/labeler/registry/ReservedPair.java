package labeler.registry;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.vm.VmName;

/** The names under which a host has the pairs that it took in advance: VMs without files, which nobody starts. */
public final class ReservedPair {
    private static final Pattern NAME = Pattern.compile("reserved pair ([0-9]{1,6})");

    private ReservedPair() {}

    public static VmName name(int number) {
        return new VmName("reserved pair " + number);
    }

    /** Empty for the name of a VM. */
    public static Optional<Integer> number(VmName name) {
        Matcher matcher = NAME.matcher(name.value());
        return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
    }

    public static boolean is(VmName name) {
        return number(name).isPresent();
    }
}
