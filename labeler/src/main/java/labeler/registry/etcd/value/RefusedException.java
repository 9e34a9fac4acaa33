package labeler.registry.etcd.value;

import labeler.registry.Refusal;

/** A step that ends here. The registry makes an answer of it, and no caller sees it. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.message());
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
