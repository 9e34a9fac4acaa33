package labeler.linux.fake;

/**
 * The power went off: thrown by every call to a {@link FakeLinux} from then on until {@link FakeLinux#powerOn}. An
 * {@link Error}, so that no handler for ordinary failures takes it for one.
 */
public final class PowerCut extends Error {
    private static final long serialVersionUID = 1;

    PowerCut(String call) {
        super("the power went off before " + call);
    }
}
