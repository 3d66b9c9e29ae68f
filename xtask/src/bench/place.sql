SET search_path = 'timeproof_w_$workspace';
