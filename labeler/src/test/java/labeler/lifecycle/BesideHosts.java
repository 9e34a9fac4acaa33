package labeler.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import labeler.journal.FileRecord;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.FileIdentity;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/** Other hosts that grant everything, and of which a test says where a VM runs, which labels they need, and what they have. */
public final class BesideHosts {
    private final OtherHosts nobody = OtherHosts.none();
    private Optional<OtherHosts.Whereabouts> whereabouts = Optional.empty();
    private Optional<String> need = Optional.empty();
    private Optional<String> taken = Optional.empty();
    private final Set<String> left = new TreeSet<>();
    private boolean isLeaveFailing;
    private Runnable whileAsked = () -> {};
    private Runnable whenTold = () -> {};

    /** Every VM that is about to come runs there. */
    void runs(OtherHosts.Whereabouts there) {
        whereabouts = Optional.of(there);
    }

    /** They need every label, or none. */
    void need(Optional<String> why) {
        need = why;
    }

    /**
     * There are other hosts, which grant everything.
     *
     * @param asked what they do before they answer a VM that claims files
     * @param told what happens as they are told which labels the files had
     */
    public void grant(Runnable asked, Runnable told) {
        whereabouts = Optional.of(new OtherHosts.Nowhere());
        whileAsked = asked;
        whenTold = told;
    }

    private OtherHosts.Agreed granted() {
        whileAsked.run();
        return new OtherHosts.Agreed(new Granted(OtherHosts.everything().share(), whenTold));
    }

    /** What is granted, and somebody who sees when labels are told. */
    private record Granted(OtherHosts.Share all, Runnable told) implements OtherHosts.Share {
        @Override
        public Optional<Level> level() {
            return all.level();
        }

        @Override
        public HeldFiles held(HeldFiles here) {
            return all.held(here);
        }

        @Override
        public Optional<Problem> record(Map<FileIdentity, Optional<StoredLabel>> originals) {
            told.run();
            return all.record(originals);
        }

        @Override
        public void giveBack() {
            all.giveBack();
        }

        @Override
        public void over(boolean isKept) {
            all.over(isKept);
        }
    }

    /** They have every file that is on record here, since this host was fenced and runs all the same. */
    public void haveTaken(String why) {
        taken = Optional.of(why);
    }

    /** The paths of all files that they were told VMs have left while they run. */
    Set<String> left() {
        return left;
    }

    /** The next time that they are told of files which a VM leaves, there is a fault. */
    void failNextLeave() {
        isLeaveFailing = true;
    }

    public OtherHosts hosts() {
        return (OtherHosts) Proxy.newProxyInstance(
                OtherHosts.class.getClassLoader(), new Class<?>[] {OtherHosts.class}, (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "isAlone" -> {
                            return whereabouts.isEmpty();
                        }
                        case "whereabouts" -> {
                            return whereabouts.orElseThrow();
                        }
                        case "mayNeed" -> {
                            return need;
                        }
                        case "start", "join" -> {
                            return granted();
                        }
                        case "notHeld" -> {
                            return taken;
                        }
                        default -> {
                            if (method.getName().equals("leave") && isLeaveFailing) {
                                isLeaveFailing = false;
                                throw new IllegalStateException("as a test wants it");
                            }
                            if (method.getName().equals("leave")
                                    && arguments.length > 1
                                    && arguments[1] instanceof Collection<?> records) {
                                records.forEach(record ->
                                        left.add(((FileRecord) record).path().toString()));
                            }
                            try {
                                return method.invoke(nobody, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }
                    }
                });
    }
}
